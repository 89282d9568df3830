using Cclm.Export;
using Cclm.Inference;
using Cclm.Tests.Export;
using Cclm.Tests.Inference;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Docs;

/// <summary>The packages' own READMEs, run.</summary>
public sealed class PackageExample
{
    [Test]
    public async Task InferencesCodeWorks()
    {
        using var folder = new TempFolder();
        folder.Write("model.onnx", new TinyModel().Bytes());
        using var there = new CurrentFolder(folder.Path);
        #region model
        using var model = CclmModel.Load("model.onnx");
        float[] now = model.Embed("a text");                    // on this thread
        float[] gathered = await model.EmbedAsync("a text");    // in a batch with the texts of all other callers
        #endregion
        Assert.That(gathered, Is.EqualTo(now));
        using var services = new ServiceCollection().AddLogging().With(Register).BuildServiceProvider();
        Assert.That((await services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().GenerateAsync(["a text"])).Single().Vector.ToArray(), Is.EqualTo(now));
    }

    static void Register(IServiceCollection services)
    {
        #region service
        services.AddCclmEmbeddingGenerator("model.onnx");       // IEmbeddingGenerator<string, Embedding<float>>
        #endregion
    }

    [Test]
    public void ExportsCodeWorks()
    {
        #region graph
        var graph = new OnnxGraph("scaled");
        var x = graph.Input("x", DataType.Float, "B", "4");
        var weight = graph.Initializer("weight", [1f, 0, 0, 1, 1, 1, 2, 2], 4, 2);
        graph.Output("y", graph.Op("Mul", [graph.Op("MatMul", [x, weight]), graph.Scalar(2f)]), "B", "2");
        ModelProto model = ShapeInference.Infer(graph.ToModel());       // an error where types or shapes contradict each other
        ModelCheck.Ensure(model, "scaled");
        #endregion
        Assert.That(OnnxRun.Run<float>(model, "y", OnnxRun.Tensor<float>("x", [1, 2, 3, 4], 1, 4)).Data, Is.EqualTo(new float[] { 24, 26 }));
    }
}
