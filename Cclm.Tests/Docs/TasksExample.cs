using Cclm.Tests.App;
using Cclm.Tests.Data;
using Cclm.Tests.Inference;
using Cclm.Tests.Training.Distillation;
using NUnit.Framework;

namespace Cclm.Tests.Docs;

/// <summary>docs/tasks.md: its commands, with few steps of small parts.</summary>
[Parallelizable]
public sealed class TasksExample : CommandFixture
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

    static IEnumerable<string> Without(IReadOnlyList<string> words, params string[] options) =>
        words.Where((word, i) => !options.Contains(word) && !(i > 0 && options.Contains(words[i - 1])));
}
