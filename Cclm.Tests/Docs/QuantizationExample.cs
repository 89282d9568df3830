using Cclm.Export;
using Cclm.Tests.App;
using Cclm.Tests.Export;
using Cclm.Training;
using NUnit.Framework;
using Onnx;

namespace Cclm.Tests.Docs;

/// <summary>docs/quantization.md: its commands, run in order, and its code.</summary>
public sealed class QuantizationExample
{
    [Test]
    public async Task TheCommandsOfTheDocumentConvert()
    {
        using var folder = new TempFolder();
        using var there = new CurrentFolder(folder.Path);
        var model = Model();
        OnnxFile.Save(model, "model.onnx");
        OnnxFile.Save(TextInput.Prepend(model), "model.text.onnx");
        folder.Write("texts.txt", "abc\ndead\ncab\n");
        foreach (var command in Documents.Commands("quantization.md"))
        {
            var (exit, output, errors) = await Cli.RunAsync(Documents.Arguments(command));
            Assert.That((exit, output.Length > 0), Is.EqualTo((0, true)), $"{command}{Environment.NewLine}{errors}");
        }
        Assert.That(Directory.GetFiles(folder.Path, "*.onnx"), Has.Length.EqualTo(5));
    }

    [Test]
    public void ItsCodeConverts()
    {
        using var folder = new TempFolder();
        using var there = new CurrentFolder(folder.Path);
        OnnxFile.Save(Model(), "model.onnx");
        string[] texts = ["abc", "dead"];
        #region convert
        ModelProto model = OnnxFile.Load("model.onnx");
        var (converted, report) = QuantizationGate.Convert(model, new(ModelPrecision.Int8) { Keep = ["heads."] }, texts);
        OnnxFile.Save(converted, "model.int8.onnx");
        Console.WriteLine(report);
        #endregion
        Assert.That(ModelProperties.Read(OnnxFile.Load("model.int8.onnx"))["cclm.precision"], Is.EqualTo("int8"));
    }

    static ModelProto Model()
    {
        var embedder = TinyParts.Embedder(width: 96);
        return Composer.Compose(embedder, [("a", TinyParts.Tower(embedder, 32, reads: 96))], new() { Pooling = new(Pooling.MeanMax) });
    }
}
