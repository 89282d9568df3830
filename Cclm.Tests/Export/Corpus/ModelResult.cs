using Cclm.Inference;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Onnx;

namespace Cclm.Tests.Export;

/// <summary>What ONNX Runtime made of a model: the elements, types and shapes of all outputs.</summary>
/// <param name="Text">All of it, bits in hexadecimal.</param>
/// <param name="Floats">The elements of the float tensors.</param>
sealed record ModelResult(string Text, float[] Floats)
{
    static ModelResult() => OnnxRuntimeEnvironment.Prepare();

    /// <summary>Runs a model in one thread.</summary>
    /// <exception cref="OnnxRuntimeException">The runtime refuses the model or its inputs.</exception>
    public static ModelResult Of(ModelProto model, IEnumerable<RecordedValue> inputs)
    {
        using var options = new SessionOptions
        {
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            IntraOpNumThreads = 1,
        };
        using var session = new InferenceSession(model.ToByteArray(), options);
        using var run = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        var fed = new Dictionary<string, OrtValue>();
        try
        {
            foreach (var input in inputs)
            {
                fed.Add(input.Name, input.ToOrtValue());
            }
            using var results = session.Run(run, fed.Keys, fed.Values, session.OutputNames);
            return new(string.Join('\n', results.Select(Describe)), [.. results.SelectMany(FloatsOf)]);
        }
        finally
        {
            foreach (var value in fed.Values)
            {
                value.Dispose();
            }
        }
    }

    /// <summary>Whether the float tensors hold the same numbers but for a relative difference.</summary>
    public bool IsClose(float[] other, float difference) => Floats.Length == other.Length
        && Floats.Zip(other).All(pair => pair.First.Equals(pair.Second) || MathF.Abs(pair.First - pair.Second) <= difference * (1 + MathF.Abs(pair.Second)));

    static float[] FloatsOf(OrtValue value) =>
        value.IsTensor && value.GetTensorTypeAndShape() is { ElementDataType: TensorElementType.Float } ? value.GetTensorDataAsSpan<float>().ToArray() : [];

    static string Describe(OrtValue value)
    {
        if (value.OnnxType == OnnxValueType.ONNX_TYPE_SEQUENCE)
        {
            return $"[{string.Join("; ", Enumerable.Range(0, value.GetValueCount()).Select(i => Describe(value.GetValue(i, OrtAllocator.DefaultInstance))))}]";
        }
        if (!value.IsTensor)
        {
            return value.OnnxType.ToString();
        }
        var info = value.GetTensorTypeAndShape();
        var data = info.IsString ? string.Join('|', value.GetStringTensorAsArray()) : Convert.ToHexString(value.GetTensorDataAsSpan<byte>());
        return $"{info.ElementDataType}[{string.Join(',', info.Shape)}] {data}";
    }
}
