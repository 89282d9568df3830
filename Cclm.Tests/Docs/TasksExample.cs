using Cclm.Inference;
using Cclm.Tests.App;
using Cclm.Tests.Data;
using Cclm.Tests.Inference;
using Cclm.Tests.Training.Distillation;
using Cclm.Training;
using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Docs;

/// <summary>docs/tasks.md: its commands, with few steps of small parts, and its code.</summary>
[OneAtATime(OneAtATimeAttribute.Commands)]
public sealed class TasksExample
{
    const string Small = """{"blocks":1,"filters":16,"globalFilters":4""";

    static readonly string[] Sections = ["sport", "world", "science"];

    static IEnumerable<string> Commands => Documents.Blocks("tasks.md", "sh").SelectMany(block => block.Replace("\\\n", " ").Split('\n', StringSplitOptions.RemoveEmptyEntries));

    [TestCaseSource(nameof(Commands))]
    public async Task ACommandOfTheDocumentTrains(string command)
    {
        using var folder = new TempFolder();
        Cli.GoTo(folder.Path);
        var texts = Enumerable.Range(0, 80).Select(i => $"the {Sections[i % 3]} text number {i} of many").ToList();
        folder.Write("text.txt", string.Join('\n', texts));
        folder.Write("news.tsv", string.Concat(texts.Select((text, i) => $"{Sections[i % 3]}\t{text}\n")));
        folder.Write("posts.tsv", string.Concat(texts.Select((text, i) => $"{text}\t{(i % 4 == 0 ? "" : $"{Sections[i % 3]},long")}\n")));
        folder.Write("articles.tsv", string.Concat(texts.Select((text, i) => $"{i}\ttitle {i}\t{text}\n")));
        folder.Write("papers.txt", string.Join('\n', texts));
        folder.Write("citations.txt", string.Concat(Enumerable.Range(0, 80).Select(i => $"{i} {(i + 3) % 80}\n")));
        folder.Write("fields.txt", string.Concat(Enumerable.Range(0, 80).Select(i => $"{(i % 5 == 0 ? "" : Sections[i % 3])}\n")));
        folder.Write("en.train.conll", string.Concat(texts.Select((_, i) => $"The\tO\n{Sections[i % 3]}\tB-SECTION\nnumber\tO\n{i}\tO\n\n")));
        folder.Write("teacher.onnx", new TinyModel().Bytes());
        NpyTests.Write(folder["vectors.npy"], TfIdfVectors.Of(texts, 9));
        if (command.Contains("\"teacher\":\"teacher\"", StringComparison.Ordinal))
        {
            await Cli.RunAsync("pretrain", "autoencode", "--corpus", "text.txt", "--model", "teacher", "--embedder-options", Small + "}", "--steps", "2", "--max-length", "40");
        }
        var words = command.Split('#')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word.Trim('\'')).ToList();
        Assert.That(words[..2], Is.EqualTo(new[] { "cclm", "pretrain" }));
        var causal = words.Contains("""{"causal":true}""");
        string[] sizes = ["--embedder-options", causal ? $$"""{{Small}},"causal":true}""" : Small + "}", "--steps", "2", "--max-length", "40", "--threads", "1"];
        var (exit, output, errors) = await Cli.RunAsync([.. Without(words[1..], "--embedder-options", "--steps", "--threads", "--max-length"), .. sizes]);
        Assert.That((exit, output.Contains("Held out: loss", StringComparison.Ordinal)), Is.EqualTo((0, true)), errors);
    }

    [Test]
    public void SeveralTasksAreTrainedTogether() => OneAtATimeAttribute.Run(OneAtATimeAttribute.Torch, () =>
    {
        string[] texts = [.. Enumerable.Range(0, 40).Select(i => $"the {Sections[i % 3]} text {i}")];
        LabelledText[] labelled = [.. texts.Select((text, i) => new LabelledText(Sections[i % 3], text))];
        var preprocessor = new Preprocessor(Vocabulary.Fit(texts), new() { MaxLength = 24 });
        var embedder = new ConvEmbedder(new() { Vocabulary = preprocessor.Vocabulary.Count, MaxLength = 24, Blocks = 1, Filters = 8, GlobalFilters = 2 });
        using var characters = new CharacterMaskPretrainer("characters", preprocessor, embedder, new TransformerTower(embedder, new() { Layers = 1, FeedForward = 8 }));
        using var topics = new CategoricalPretrainer("topics", preprocessor, embedder, new TransformerTower(embedder, new() { Layers = 1, FeedForward = 8 }), Sections);
        var before = embedder.WeightsHash();
        #region together
        MultiTask.Train(
            [characters.On(RowSource.Of(texts), weight: 2), topics.On(RowSource.Of(labelled))],
            new() { Steps = 1000 });
        #endregion
        Assert.That(embedder.WeightsHash(), Is.Not.EqualTo(before));
        Assert.That(topics.Evaluate(labelled)["accuracy"], Is.GreaterThan(0.5));
    });

    static IEnumerable<string> Without(IReadOnlyList<string> words, params string[] options) =>
        words.Where((word, i) => !options.Contains(word) && !(i > 0 && options.Contains(words[i - 1])));
}
