using System.Text;
using Cclm.Inference;
using Cclm.Tests.Training.Distillation;
using Cclm.Training;
using Cclm.Training.Data;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Cclm.Tests.Training;

/// <summary>Every task on a slice of real text beats what needs no model: one row a task.</summary>
public sealed class RealDataTests
{
    const int MaxLength = 96, Rows = 3000, Ahead = 1, Given = 24, HeldOutPermille = 100;
    const double ClearlyAboveChance = 0.6;      // of an area under the curve, which is 0.5 by chance

    static readonly Lazy<string[]> Documentation = new(() => [.. ApiDocumentation.Read().Select(member => member.Summary).Where(text => text.Length is > 30 and < MaxLength).Distinct().Take(12_000)]);
    static readonly Lazy<SubwordTokenizer> Pieces = new(() => SubwordTokenizer.Fit(Documentation.Value, new() { VocabularySize = 600 }));

    static readonly Lazy<TextGraph> Cora = new(() => TextGraph.Load(SharedData.Find("graph_cora/data.txt"), SharedData.Find("graph_cora/graph.txt"), SharedData.Find("graph_cora/group.txt")));
    static readonly Lazy<TextGraph> Api = new(ApiDocumentation.ReadGraph);
    static readonly GraphOptions Layer = new() { FanOuts = [2] };
    static readonly Lazy<VectorTable> TfIdf = new(() => TfIdfVectors.Teacher(Beginnings(MaxLength - 1), 16));

    /// <summary>A task on its slice: what was measured on held-out rows, and what its trivial answer reaches there.</summary>
    static readonly Dictionary<string, Func<(TrainingResult Result, Evaluation Measured, double Baseline)>> Tasks = new()
    {
        ["char-mask"] = () => Learn(News().Select(row => row.Text), text => text, parts => new CharacterMaskPretrainer("t", parts.Preprocessor, parts.Embedder, parts.Tower, new() { Augmentor = Augmentors.Noise(0.05) }),
            Letters),
        ["mlm"] = () => Learn(Documentation.Value, text => text, parts => new MaskedLanguagePretrainer("t", parts.Preprocessor, parts.Embedder, new StridedTower(parts.Embedder, new() { Heads = 4, Layers = 1, FeedForward = 96 }), Pieces.Value),
            heldOut => Majority(heldOut.SelectMany(Pieces.Value.Encode).Where(piece => piece.Characters.End.Value - piece.Characters.Start.Value >= 3).Select(piece => piece.Id)), steps: 900),
        ["causal"] = () => Learn(News().Select(row => row.Text), text => text, parts => new CausalPretrainer("t", parts.Preprocessor, parts.Embedder, parts.Tower, Ahead),
            heldOut => Entropy(heldOut.SelectMany(text => text.EnumerateRunes())), causal: true),
        ["categorical"] = () => Learn(News(), row => row.Text, parts => new CategoricalPretrainer("t", parts.Preprocessor, parts.Embedder, parts.Tower, ["0", "1", "2", "3"]),
            heldOut => Majority(heldOut.Select(row => row.Label))),
        ["multi-label"] = () => Learn(Newswire(), row => row.Text, parts => new MultiLabelPretrainer("t", parts.Preprocessor, parts.Embedder, parts.Tower, [.. Newswire().SelectMany(row => row.Labels).Distinct().Order()],
                weights: [.. Newswire().SelectMany(row => row.Labels).Distinct().Select(_ => 8.0)]),
            heldOut => heldOut.SelectMany(row => row.Labels).GroupBy(label => label).Max(group => 2.0 * group.Count() / (group.Count() + heldOut.Count)) / heldOut.SelectMany(row => row.Labels).Distinct().Count(), steps: 700),
        ["contrastive"] = () => Learn(Titles(), row => row.Second, parts => new ContrastivePretrainer("t", parts.Preprocessor, parts.Embedder, parts.Tower, new() { Augmentor = Augmentors.Noise(0.05) }),
            _ => 1.0 / 16),
        ["graph, labels of Cora"] = () => Learn(Nodes(Cora.Value), node => node.Text, parts => new NodePretrainer("t", parts.Preprocessor, parts.Embedder, parts.Tower, Cora.Value, Layer, IsHeldOut),
            heldOut => Majority(heldOut.Select(node => node.Label).OfType<string>()), steps: 450),
        ["graph, edges of Cora"] = () => Learn(Nodes(Cora.Value), node => node.Text, parts => new EdgePretrainer("t", parts.Preprocessor, parts.Embedder, parts.Tower, Cora.Value, Layer with { Convolution = GraphConvolution.Gcn }, IsHeldOut),
            _ => ClearlyAboveChance, steps: 400),
        ["graph, edges of the .NET API"] = () => Learn(Nodes(Api.Value).Where(node => node.Id % 10 == 0), node => node.Text, parts => new EdgePretrainer("t", parts.Preprocessor, parts.Embedder, parts.Tower, Api.Value, Layer with { Convolution = GraphConvolution.Gcn }, IsHeldOut),
            _ => ClearlyAboveChance),
        ["autoencode"] = () => Learn(Beginnings(Given), text => text, parts => new AutoencodePretrainer("t", parts.Preprocessor, parts.Embedder, parts.Tower), Letters, steps: 900),
        ["autoencode, under a teacher"] = () =>
        {
            using var folder = new TempFolder();
            Learn(Beginnings(Given), text => text, parts => new AutoencodePretrainer("t", parts.Preprocessor, parts.Embedder, parts.Tower), Letters, steps: 600, saved: folder.Path);
            return Learn(Beginnings(Given), text => text, parts => new AutoencodePretrainer("t", parts.Preprocessor, parts.Embedder, parts.Tower, AutoencodeTeacher.Load(folder.Path, "t")), Letters, steps: 600);
        },
        ["distil, cosine"] = () => Distil(DistillationLoss.Cosine, heldOut => TfIdfVectors.OfTheMean([.. heldOut.Select(TfIdf.Value.VectorOf)])),
        ["distil, similarity"] = () => Distil(DistillationLoss.Similarity, _ => 0),
    };

    static IEnumerable<string> TaskNames => Tasks.Keys;

    [SetUp]
    public void TwoThreads() => set_num_threads(2);

    [TestCaseSource(nameof(TaskNames))]
    public void ATaskBeatsItsTrivialAnswer(string name)
    {
        var (result, measured, baseline) = Tasks[name]();
        TestContext.Out.WriteLine($"{name}: {measured}, trivially {baseline:F3}, in {result.Elapsed.TotalSeconds:F0} s");
        Assert.That(result.Losses[^1], Is.LessThan(result.Losses[0]));
        Assert.That(measured.Main.Value, measured.Main.Name != "bits per character" ? Is.GreaterThan(baseline) : Is.LessThan(baseline));
    }

    static (TrainingResult Result, Evaluation Measured, double Baseline) Learn<T>(IEnumerable<T> rows, Func<T, string> text, Func<TaskParts, Pretrainer<T>> make, Func<IReadOnlyList<T>, double> trivial, int steps = 300, bool causal = false, string? saved = null)
    {
        var (train, heldOut) = Corpus.Split(rows.ToList(), text, HeldOutPermille);
        random.manual_seed(1);
        var preprocessor = new Preprocessor(Vocabulary.Fit(train.Select(text), new() { MinCount = 2 }), new() { MaxLength = MaxLength });
        using var embedder = new ConvEmbedder(new() { Vocabulary = preprocessor.Vocabulary.Count, MaxLength = MaxLength, CharacterWidth = 24, Blocks = 2, Filters = 48, GlobalFilters = 16, Dropout = 0.1, Causal = causal });
        using var tower = new TransformerTower(embedder, new() { Layers = 1, Heads = 4, FeedForward = 96, Causal = causal });
        using var pretrainer = make(new("t", preprocessor, embedder, tower));
        var options = new TrainingOptions { Steps = steps, BatchSize = 16, LearningRate = 3e-3 };
        var result = pretrainer.Train(train, options);
        if (saved is not null)
        {
            pretrainer.Save(new(saved, new PartTypes()));
        }
        return (result, pretrainer.Evaluate(heldOut, options), trivial(heldOut));
    }

    static IEnumerable<GraphNode> Nodes(TextGraph graph) => graph.Nodes.Read().Select(row => row.Row);

    static bool IsHeldOut(string text) => Corpus.IsHeldOut(text, HeldOutPermille);

    static (TrainingResult, Evaluation, double) Distil(DistillationLoss loss, Func<IReadOnlyList<string>, double> trivial) =>
        Learn(Beginnings(MaxLength - 1), text => text, parts => new DistillationPretrainer("t", parts.Preprocessor, parts.Embedder, parts.Tower, TfIdf.Value, loss), trivial, steps: 600);

    static string[] Beginnings(int length) => [.. News().Select(row => row.Text.Length > length ? row.Text[..length] : row.Text).Distinct()];

    static IEnumerable<LabelledText> News() =>
        Corpus.OpenLabelled(new() { Paths = [SharedData.Find("ag_news/train_8k.tsv")], LabelColumn = "1", TextColumns = ["2"] }).Read().Take(Rows).Select(row => row.Row);

    static IEnumerable<TextPair> Titles() =>
        Corpus.OpenPairs(new() { Paths = [SharedData.Find("ag_news/test.tsv")], TextColumns = ["2", "3"] }).Read().Take(Rows).Select(row => row.Row);

    static IEnumerable<MultiLabelledText> Newswire() =>
        Corpus.OpenMultiLabelled(new() { Paths = [SharedData.Find("reuters21578/reuters.tsv")], LabelColumn = "3", TextColumns = ["4"], LabelSeparator = "|", SkipIncomplete = true }).Read().Take(Rows).Select(row => row.Row);

    static double Letters(IReadOnlyList<string> texts) => Majority(texts.SelectMany(text => text.EnumerateRunes()));

    /// <summary>How often the most frequent answer is right.</summary>
    static double Majority<TAnswer>(IEnumerable<TAnswer> answers)
    {
        var all = answers.ToList();
        return (double)all.GroupBy(answer => answer).Max(group => group.Count()) / all.Count;
    }

    /// <summary>The bits per character of what knows nothing but how frequent each one is.</summary>
    static double Entropy(IEnumerable<Rune> characters)
    {
        var counts = characters.GroupBy(character => character).Select(group => (double)group.Count()).ToList();
        return counts.Sum(count => count / counts.Sum() * Math.Log2(counts.Sum() / count));
    }
}
