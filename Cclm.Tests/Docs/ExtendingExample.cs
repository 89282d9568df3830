#region usings
using System.Text.Json;
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
    public async Task ATaskOfAUserGoesThroughTheSameCommands()
    {
        using var folder = new TempFolder();
        File.WriteAllLines(folder["text.txt"], Enumerable.Range(0, 60).Select(i => $"the {i}th line of a text"));
        using var there = new CurrentFolder(folder.Path);
        foreach (var line in (string[])
            ["pretrain order --corpus text.txt --model m --embedder-options {\"blocks\":1,\"filters\":8,\"globalFilters\":4} --steps 2",
             "finetune order --corpus text.txt --model m --name again --freeze embedder towers --steps 2",
             "export m", "compose m --output model.onnx --heads again order"])
        {
            Assert.That(await RunWithTask(line.Split(' ')), Is.Zero, line);
        }
        using var model = CclmModel.Load("model.onnx");
        Assert.That(model.Classify("a line", "again").Select(label => label.Label), Is.EquivalentTo(new[] { "as written", "shuffled" }));
    }

    static async Task<int> RunWithTask(string[] args)
    {
        #region application with a task
        return await new CclmApplication()
            .AddTask(new OrderTask())
            .RunAsync(args);
        #endregion
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

#region task
public sealed record OrderOptions;

public sealed class OrderTask() : PretrainingTask<string>("order", "Whether a text's words were shuffled is to be told. The corpus is text.")
{
    public override Type Options => typeof(OrderOptions);

    public override RowSource<string> Open(CorpusOptions corpus) => Corpus.Open(corpus);

    public override string TextOf(string row) => row;

    public override Pretrainer<string> Create(TaskParts parts, JsonElement? options, RowSource<string> rows) => new OrderPretrainer(parts);
}

public sealed class OrderPretrainer : Pretrainer<string>
{
    readonly Head head;

    public OrderPretrainer(TaskParts parts) : base(parts.Name, parts.Preprocessor, parts.Embedder, parts.Tower) =>
        head = new(new() { Task = HeadTask.Categorical, Width = parts.Tower.Width, Labels = ["as written", "shuffled"] });

    protected override nn.Module Head => head;

    protected override string HeadDescription => "whether words were shuffled";

    protected override string TextOf(string row) => row;

    protected override Example Encode(string row, Random random, bool training)
    {
        var (words, shuffled) = (row.Split(' '), random.Next(2));
        if (shuffled == 1)
        {
            random.Shuffle(words);
        }
        return new(IdsOf(string.Join(' ', words)), [shuffled]);
    }

    protected override Answer Predict(Value.Torch hidden, Batch batch) =>                                       // [B,T,C]
        new(((Value.Torch)head.forward(hidden)).Tensor, batch.TargetsOn(hidden.Tensor.device).squeeze(-1));     // [B,2], [B]

    protected override Sample Show(string row, Example example, Answer answer) =>
        new(row, $"{example.Targets[0]}", $"{answer.Classes[0]}");
}
#endregion

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
