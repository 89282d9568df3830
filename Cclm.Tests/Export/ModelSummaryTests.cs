using System.Text.Json;
using Cclm.Export;
using NUnit.Framework;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Export;

public class ModelSummaryTests
{
    static ModelProto Composed()
    {
        var embedder = TinyParts.Embedder();
        return Composer.Compose(embedder, [("a", TinyParts.Tower(embedder, 3)), ("ab", TinyParts.Tower(embedder, 4, seed: 3))], new() { Pooling = new(Pooling.Mean) });
    }

    [Test]
    public void AComposedModelIsShownByItsParts()
    {
        var model = Composed();
        var summary = ModelSummary.Of(model);
        Assert.Multiple(() =>
        {
            Assert.That((summary.IrVersion, summary.Opsets["ai.onnx"], summary.Parameters, summary.Bytes), Is.EqualTo((10L, 20L, 70L + 15 + 20, 4 * (70L + 15 + 20))));
            Assert.That(summary.Producer, Does.StartWith("cclm "));
            Assert.That(summary.Inputs, Is.EqualTo(new Dictionary<string, string> { ["ids"] = "int64[B,T]" }));
            Assert.That(summary.Outputs, Is.EqualTo(new Dictionary<string, string> { ["hidden"] = "float[B,T,7]", ["mask"] = "bool[B,T]", ["embedding"] = "float[B,7]" }));
            Assert.That(summary.Parts.Select(part => (part.Name, part.Kind, part.Parameters, part.Hidden, part.Embedding)), Is.EqualTo(((string, string, long, string?, string?)[])
                [("embedder", "embedder", 70, null, null), ("a", "tower", 15, "0..3", "0..3"), ("ab", "tower", 20, "3..7", "3..7")]));
            Assert.That(summary.Operators["MatMul"], Is.EqualTo(2));
            Assert.That(summary.Metadata["cclm.weights"], Is.EqualTo(WeightsHash.Of(model)));
        });
    }

    [Test]
    public void MarkdownHasARowForEachPart()
    {
        var (model, lines) = (Composed(), ModelSummary.Of(Composed()).ToMarkdown().Split('\n'));
        Assert.That(lines, Does.Contain($"| ab | tower | 20 | 80 | 3..7 | 3..7 | {WeightsHash.Of(model, "towers.ab.")[..12]} |"));
        Assert.That(lines, Does.Contain("| input | ids | int64[B,T] |"));
        Assert.That(lines, Does.Contain("| MatMul | 2 |"));
    }

    [Test]
    public void JsonHasWhatAScriptWouldRead()
    {
        using var json = JsonDocument.Parse(ModelSummary.Of(Composed()).ToJson());
        Assert.That(json.RootElement.GetProperty("parameters").GetInt64(), Is.EqualTo(105));
        Assert.That(json.RootElement.GetProperty("parts")[2].GetProperty("name").GetString(), Is.EqualTo("ab"));
        Assert.That(json.RootElement.GetProperty("outputs").GetProperty("embedding").GetString(), Is.EqualTo("float[B,7]"));
    }

    [Test]
    public void AForeignModelIsOnePart()
    {
        var graph = new OnnxGraph("g");
        graph.Output("y", graph.Op("Add", [graph.Input("x", DataType.Float), graph.Initializer("w", [1L, 2], 2)]));
        var summary = ModelSummary.Of(graph.ToModel());
        Assert.That(summary.Parts.Select(part => (part.Name, part.Parameters, part.Bytes)), Is.EqualTo(((string, long, long)[])[("model", 2, 16)]));
    }

    [Test]
    public void APartOfItsOwnIsNamedByItsKind() =>
        Assert.That(ModelSummary.Of(TinyParts.Embedder()).Parts.Select(part => (part.Name, part.Parameters)), Is.EqualTo(((string, long)[])[("embedder", 70)]));
}
