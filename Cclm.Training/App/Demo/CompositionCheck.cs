using Cclm.Inference;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Onnx;
using static TorchSharp.torch;

namespace Cclm.Training.App;

/// <summary>The two laws of a composed model, measured on texts: parity with TorchSharp, and the square.</summary>
static class CompositionCheck
{
    /// <summary>The largest difference between what TorchSharp and ONNX Runtime compute, relative to the largest value.</summary>
    public static double Parity(ComposedModel model, ModelProto stitched, EncodedBatch batch)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        model.eval();
        var ids = tensor(batch.Ids).view(batch.Rows, batch.Length);
        var expected = ((Value.Torch)model.forward(new Value.Torch(ids))).Tensor.cpu().contiguous();
        var actual = tensor(Hidden(stitched, batch)).view(expected.shape);
        var real = ids.ne(Scalars.Kept(0)).unsqueeze(-1);
        return (((expected - actual) * real).abs().max() / (expected * real).abs().max()).item<float>();
    }

    /// <summary>The largest difference between the composed model exported as one and the exported parts stitched: 0, or one of them is wrong.</summary>
    public static double Square(ComposedModel model, Preprocessor preprocessor, ModelProto stitched, EncodedBatch batch) =>
        Hidden(ModelExporter.Export(model, preprocessor), batch).Zip(Hidden(stitched, batch), (a, b) => Math.Abs((double)a - b)).Max();

    static float[] Hidden(ModelProto model, EncodedBatch batch)
    {
        OnnxRuntimeEnvironment.Prepare();
        using var session = new InferenceSession(model.ToByteArray());
        using var ids = OrtValue.CreateTensorValueFromMemory(batch.Ids, [batch.Rows, batch.Length]);
        using var run = new RunOptions();
        using var outputs = session.Run(run, [ModelNames.Ids], [ids], [ModelNames.Hidden]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }
}
