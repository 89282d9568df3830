using System.Text;
using System.Text.RegularExpressions;
using Cclm.Training.Data;

namespace Cclm.Training.Premise;

/// <summary>The public data sets that models are evaluated on, in a folder laid out as <c>docs/evaluation.md</c> says. What is not there is empty.</summary>
/// <param name="folder">The folder.</param>
public sealed partial class EvaluationData(string folder)
{
    const int DbpediaTest = 4_000;
    const ulong SearchTestOneIn = 10;

    /// <summary>AG News, the official test set: title and description, four sections.</summary>
    public IReadOnlyList<LabelledText> AgTest => [.. Table("ag_news/test.tsv", 3).Select(row => new LabelledText(row[0], $"{row[1]} {row[2]}"))];

    /// <summary>AG News, what labels are drawn from: the first 8,000 of the official training set and 8,047 descriptions.</summary>
    public IReadOnlyList<LabelledText> AgPool => [.. Table("ag_news/train_8k.tsv", 2).Concat(Table("ag_news/extra_desc_cased.tsv", 2)).Select(row => new LabelledText(row[0], row[1]))];

    /// <summary>DBpedia, 14 classes: 4,000 texts drawn by their hashes for the test, the rest for training.</summary>
    public (IReadOnlyList<LabelledText> Train, IReadOnlyList<LabelledText> Test) Dbpedia => Divided(Table("dbpedia14k/train.tsv", 2).Select(row => new LabelledText(row[0], row[1])), _ => DbpediaTest);

    /// <summary>GoEmotions, any of 28 emotions, in its own splits.</summary>
    public IReadOnlyList<MultiLabelledText> GoEmotions(string split) => [.. Table($"goemotions/{split}.tsv", 2).Select(row => new MultiLabelledText(row[1].Split(','), row[0]))];

    /// <summary>Cora, abstracts with the number of their field: a third drawn by their hashes for the test, the rest for training.</summary>
    public (IReadOnlyList<LabelledText> Train, IReadOnlyList<LabelledText> Test) Cora
    {
        get
        {
            string[] texts = [.. Lines("graph_cora/data.txt")], labels = [.. Lines("graph_cora/group.txt")];
            return texts.Length == labels.Length ? Divided(texts.Zip(labels, (text, label) => new LabelledText(label.Trim(), text)), count => count / 3)
                : throw new InvalidDataException($"'{At("graph_cora/data.txt")}' has {texts.Length:N0} lines and 'group.txt' beside it {labels.Length:N0}; expected a field for each abstract.");
        }
    }

    /// <summary>Reuters-21578: topics with <c>|</c> between them, title and body.</summary>
    public IEnumerable<(string Topics, string Title, string Body)> Reuters => Table("reuters21578/reuters.tsv", 5).Select(row => (row[2], row[3], row[4]));

    /// <summary>STS-B, pairs of sentences and how alike people found them, 0 to 5.</summary>
    public IReadOnlyList<(string First, string Second, double Score)> StsB => [.. Table("stsb/test.tsv", 7).Select(row => (row[5], row[6], Score(row[4])))];

    /// <summary>Sentences with the tags of their words: <c>uner_ewt</c>, <c>wnut17</c> or <c>wikiann</c>.</summary>
    public IReadOnlyList<TaggedSentence> Entities(string set, string split) =>
        Files($"ner/{set}").FirstOrDefault(file => Path.GetFileNameWithoutExtension(file).Contains(split, StringComparison.Ordinal)) is { } found
            ? [.. Corpus.OpenTagged(new() { Paths = [found] }).Read().Select(row => row.Row)] : [];

    /// <summary>WikiText-2, raw lines of one split.</summary>
    public IReadOnlyList<string> WikiText(string split) => [.. Lines($"wikitext2/{split}.txt").Select(line => line.Trim()).Where(line => line.Length > 0)];

    /// <summary>Real misspellings: a wrong word and the right one.</summary>
    public MisspellingList? Misspellings(string name) => At($"typos/{name}.tsv") is var path && File.Exists(path) ? MisspellingList.Load(path) : null;

    /// <summary>Lines of any file of the folder; none where it is not there.</summary>
    public IEnumerable<string> Lines(string file) => File.Exists(At(file)) ? File.ReadLines(At(file), new UTF8Encoding(false, false)) : [];

    /// <summary>Rows of a tab-separated file; none where it is not there.</summary>
    /// <param name="file">The file.</param>
    /// <param name="columns">How many columns are read.</param>
    /// <exception cref="InvalidDataException">A row has fewer.</exception>
    IEnumerable<string[]> Table(string file, int columns) => Lines(file).Index().Where(line => line.Item.Length > 0).Select(line => line.Item.Split('\t') is var row && row.Length >= columns ? row
        : throw new InvalidDataException($"'{At(file)}', line {line.Index + 1}: {row.Length} columns; expected {columns} or more with tabs between, as docs/evaluation.md says, and no header."));

    /// <summary>The members of the .NET API whose names are asked for and those that may be learned from: no name and no summary is in both.</summary>
    public static (IReadOnlyList<ApiMember> Train, IReadOnlyList<ApiMember> Test) Api(IReadOnlyList<ApiMember> members)
    {
        static bool Tested(string text) => TextHash.Of(text) % SearchTestOneIn == 0;
        var asked = members.Where(member => Tested(member.Name)).ToList();
        var train = members.Except(asked).ToList();
        var known = train.Select(member => member.Summary).ToHashSet();
        return (train, [.. asked.Where(member => !known.Contains(member.Summary))]);
    }

    /// <summary>A name as words: <c>File.ReadAllLines</c> is <c>file read all lines</c>.</summary>
    public static string InWords(string name) => WordBreak().Replace(name, " ").Trim().ToLowerInvariant();

    /// <summary>Rows drawn by the hashes of their texts for a test, and the others.</summary>
    static (IReadOnlyList<LabelledText> Train, IReadOnlyList<LabelledText> Test) Divided(IEnumerable<LabelledText> rows, Func<int, int> tested)
    {
        var ordered = rows.OrderBy(row => TextHash.Of(row.Text)).ToList();
        var count = tested(ordered.Count);
        return ([.. ordered.Skip(count)], [.. ordered.Take(count)]);
    }

    double Score(string text) => double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var score) && score is >= 0 and <= 5 ? score
        : throw new InvalidDataException($"'{At("stsb/test.tsv")}': '{text}' is no score; expected a number from 0 to 5 in the fifth column, before the two sentences, and no header.");

    string At(string file) => Path.Combine(folder, file);

    IEnumerable<string> Files(string path) => Directory.Exists(At(path)) ? Directory.GetFiles(At(path)).Order(StringComparer.Ordinal) : [];

    /// <summary>Before a capital that begins a word, and all that is no letter or digit.</summary>
    [GeneratedRegex(@"[^\p{L}\p{Nd}]+|(?<=[\p{Ll}\p{Nd}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})")]
    private static partial Regex WordBreak();
}
