#region usings
using Cclm.Export;
using Cclm.Inference;
using Cclm.Training;
using Cclm.Training.App;
using Cclm.Training.Data;
using TorchSharp.Modules;
using static TorchSharp.torch;
#endregion
using NUnit.Framework;
using Parity = Cclm.Tests.Training.ParityTests;

namespace Cclm.Tests.Docs;

/// <summary>docs/extending.md, compiled and run: its code blocks are the regions of this file, word for word.</summary>
public sealed class ExtendingExample
{
    [Test]
    public void ATowerOfAUserTrainsExportsAndComposes()
    {
        using var folder = new TempFolder();
        File.WriteAllLines(folder["text.txt"], Enumerable.Range(0, 40).Select(i => $"the {i}th line of a text"));
        using var there = new CurrentFolder(folder.Path);
        FromCode();
        using var model = CclmModel.Load("trigram.onnx");
        Assert.That(model.Towers.Single().Name, Is.EqualTo("trigram"));
        Assert.That(model.Embed("a line"), Has.Length.EqualTo(24));
    }

    [Test]
    public async Task ATowerOfAUserGoesThroughTheSameCommands()
    {
        using var folder = new TempFolder();
        File.WriteAllLines(folder["text.txt"], Enumerable.Range(0, 60).Select(i => $"the {i}th line of a text"));
        using var there = new CurrentFolder(folder.Path);
        foreach (var line in (string[])
            ["pretrain char-mask --corpus text.txt --model m --tower trigram --tower-options {\"filters\":9} --embedder-options {\"blocks\":1,\"filters\":8,\"globalFilters\":4} --steps 2",
             "export m", "compose m --output model.onnx", "embed model.onnx text"])
        {
            Assert.That(await Run(line.Split(' ')), Is.Zero, line);
        }
        Assert.That(ModelSummary.Of(OnnxFile.Load("model.onnx")).Parts.Select(part => part.Name), Is.EqualTo(new[] { "embedder", "char_mask" }));
    }

    [Test]
    public void AnOpOfAUserHasBothMeanings() => Parity.AssertParity(Square);

    static async Task<int> Run(string[] args)
    {
        #region application
        return await new CclmApplication()
            .AddTower<TrigramTower, TrigramOptions>("trigram", (embedder, options) => new(embedder, options))
            .RunAsync(args);
        #endregion
    }

    static void FromCode()
    {
        #region code
        string[] texts = [.. Corpus.ReadLines("text.txt")];
        var preprocessor = new Preprocessor(Vocabulary.Fit(texts), new() { MaxLength = 64 });
        var embedder = new ConvEmbedder(new() { Vocabulary = preprocessor.Vocabulary.Count, MaxLength = 64, Blocks = 1, Filters = 16, GlobalFilters = 8 });
        var tower = new TrigramTower(embedder, new());

        using var pretrainer = new CharacterMaskPretrainer("trigram", preprocessor, embedder, tower);
        pretrainer.Train(texts, new() { Steps = 20 });

        var composed = Composer.Compose(
            ModelExporter.Export(embedder, preprocessor),
            [("trigram", ModelExporter.Export(tower, embedder, preprocessor))],
            new() { Pooling = new(Pooling.MeanMax) });
        OnnxFile.Save(composed, "trigram.onnx");
        #endregion
    }

    #region op
    static Value Square(Value x) => x.Op(
        tensor => tensor * tensor,
        (graph, edge) => graph.Op("Mul", [edge, edge]));
    #endregion
}

#region tower
public sealed record TrigramOptions
{
    public int Filters { get; init; } = 24;
}

public sealed class TrigramTower : Tower
{
    readonly Conv1d up;
    readonly Linear down;

    public TrigramTower(Embedder embedder, TrigramOptions options) : base(embedder, width: 12, options)
    {
        up = nn.Conv1d(embedder.Width, options.Filters, 3, padding: 1L);
        down = nn.Linear(options.Filters, Width);
        RegisterComponents();
    }

    public override Value forward(Value x) =>                   // [B,T,C] -> [B,T,12]
        down.call(up.call(x).leaky_relu(0.1f));
}
#endregion
