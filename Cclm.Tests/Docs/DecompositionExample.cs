using Cclm.Export;
using Cclm.Tests.App;
using Cclm.Tests.Export;
using NUnit.Framework;
using Onnx;

namespace Cclm.Tests.Docs;

/// <summary>docs/decomposition.md: its commands, run in order, and its code.</summary>
public sealed class DecompositionExample
{
    static readonly ModelProto Composed = Composer.Compose(Compositions.Base, [("char_mask", Compositions.A.Model), ("topic", Compositions.B.Model)], new() { Pooling = new(Pooling.MeanMax) });

    [Test]
    public async Task TheCommandsOfTheDocumentTakeAModelApart()
    {
        using var folder = new TempFolder();
        using var there = new CurrentFolder(folder.Path);
        OnnxFile.Save(Composed, "model.onnx");
        OnnxFile.Save(TinyParts.Tower(Compositions.Base, 4, seed: 9), "topic.onnx");
        foreach (var command in Documents.Commands("decomposition.md"))
        {
            var (exit, output, errors) = await Cli.RunAsync(Documents.Arguments(command));
            Assert.That((exit, output.Length > 0), Is.EqualTo((0, true)), $"{command}{Environment.NewLine}{errors}");
        }
        Assert.That(OnnxFile.Load("parts/towers/topic.onnx"), Is.EqualTo(Compositions.B.Model));
    }

    [Test]
    public void TheCodeOfTheDocumentTakesAModelApart()
    {
        using var folder = new TempFolder();
        using var there = new CurrentFolder(folder.Path);
        var (model, tower) = (Composed, TinyParts.Tower(Compositions.Base, 4, seed: 9));
        #region apart
        var parts = Decomposer.Decompose(model);                                    // embedder, towers, heads, and how they were composed
        var same = (parts with { Towers = [.. parts.Towers.Reverse()] }).Compose();  // the same towers in another order
        var newer = Decomposer.Replace(model, "topic", tower);
        var retrained = ModelDiff.Of(model, newer).Parts.Where(part => part.Change == PartChange.Changed);
        File.WriteAllText("model.svg", ModelDiagram.Of(newer).ToSvg());
        #endregion
        Assert.That(retrained.Select(part => part.Part), Is.EqualTo((string[])["towers.topic"]));
        Assert.That(ModelDiff.Of(model, same).Parts.Where(part => part.Moved).Select(part => part.Change), Is.EqualTo((PartChange[])[PartChange.Unchanged, PartChange.Unchanged]));
    }

    [Test]
    public void TheCodeOfTheDocumentCuts()
    {
        var model = Composed;
        #region cut
        var edge = model.Graph.Node.First(node => node.OpType == "Concat").Input[0];        // what the first tower says
        ModelProto first = Extractor.Extract(model, ["ids"], [edge]);
        #endregion
        Assert.That(first.Graph.Initializer.Select(tensor => tensor.Name), Is.EqualTo((string[])["embedder.characters.weight", "towers.char_mask.up.weight"]));
    }
}
