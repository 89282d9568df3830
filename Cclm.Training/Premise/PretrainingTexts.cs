using System.Text.Json;
using Cclm.Training.Data;

namespace Cclm.Training.Premise;

/// <summary>Writes what the towers of an evaluated model learn from, without anything that shares eight words in a row with a test text.</summary>
/// <param name="data">The data sets.</param>
/// <param name="wordNet">Words and their meanings.</param>
/// <param name="freeOnly">Only text whose licence lets what was learned be passed on.</param>
/// <param name="cancellation">Ends it before anything is written.</param>
public sealed class PretrainingTexts(EvaluationData data, WordNet wordNet, bool freeOnly, CancellationToken cancellation)
{
    const int Longest = 400, Shortest = 12;                     // characters of a piece
    const int MinTopic = 50;                                    // texts of a topic
    const int MinHalved = 60;                                   // characters of a text that is cut in two
    const string Entities = "entities.conll";

    readonly (IReadOnlyList<ApiMember> Train, IReadOnlyList<ApiMember> Test) api = EvaluationData.Api(ApiDocumentation.Read());
    readonly ShingleOverlap tested = new();

    /// <summary>What became of one source.</summary>
    /// <param name="Name">The source.</param>
    /// <param name="Licence">Its licence.</param>
    /// <param name="Texts">Pieces that were written.</param>
    /// <param name="Characters">Their characters.</param>
    /// <param name="Overlapping">Pieces that were left out, because they share eight words in a row with a test text.</param>
    public sealed record Written(string Name, string Licence, int Texts, long Characters, int Overlapping);

    /// <summary>Writes <c>texts.txt</c>, <c>pairs.jsonl</c>, <c>api.jsonl</c>, <c>topics.jsonl</c> and, where any licence will do, <c>entities.conll</c> into a folder.</summary>
    public IReadOnlyList<Written> Write(string folder)
    {
        foreach (var text in TestTexts())
        {
            tested.Add(text);
        }
        Directory.CreateDirectory(folder);
        var (written, texts) = (new List<Written>(), new List<string>());
        foreach (var source in TextSource.All(data, api.Train, wordNet).Where(source => source.Free || !freeOnly))
        {
            cancellation.ThrowIfCancellationRequested();
            string[] pieces = [.. source.Texts.SelectMany(Pieces)], clean = [.. pieces.Where(Clean)];
            written.Add(new(source.Name, source.Licence, clean.Length, clean.Sum(piece => (long)piece.Length), pieces.Length - clean.Length));
            texts.AddRange(clean);
        }
        WriteRows(Path.Combine(folder, "texts.txt"), texts);
        WritePairs(Path.Combine(folder, "pairs.jsonl"), Pairs(texts));
        WritePairs(Path.Combine(folder, "api.jsonl"), ApiPairs);
        WriteRows(Path.Combine(folder, "topics.jsonl"), Topics().Where(row => row.Text.Trim().Length >= Shortest && Clean(row.Text)).Select(row => JsonSerializer.Serialize(new { label = row.Label, text = row.Text }, Json)));
        if (freeOnly)
        {
            File.Delete(Path.Combine(folder, Entities));        // an earlier run's
        }
        else
        {
            WriteRows(Path.Combine(folder, Entities), ((string[])["uner_ewt", "wikiann"]).SelectMany(set => data.Entities(set, "train")).Where(sentence => Clean(string.Join(' ', sentence.Words)))
                .Select(sentence => string.Concat(sentence.Words.Zip(sentence.Tags, (word, tag) => $"{word}\t{tag}\n"))));
        }
        return written;
    }

    static readonly JsonSerializerOptions Json = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>All that a model is measured on.</summary>
    IEnumerable<string> TestTexts() =>
    [
        .. data.AgTest.Select(row => row.Text), .. data.Dbpedia.Test.Select(row => row.Text), .. data.Cora.Test.Select(row => row.Text), .. data.GoEmotions("test").Select(row => row.Text), .. data.GoEmotions("dev").Select(row => row.Text),
        .. data.StsB.SelectMany(pair => (string[])[pair.First, pair.Second]), .. data.WikiText("test"), .. api.Test.Select(member => member.Summary),
        .. ((string[])["uner_ewt", "wnut17", "wikiann"]).SelectMany(set => ((string[])["test", "dev"]).SelectMany(split => data.Entities(set, split))).Select(sentence => string.Join(' ', sentence.Words)),
    ];

    bool Clean(string text) => !tested.Touches(text);

    /// <summary>Members of the API by their names in words, and their summaries.</summary>
    IEnumerable<TextPair> ApiPairs => api.Train.DistinctBy(member => (member.Name, member.Summary)).Select(member => new TextPair(EvaluationData.InWords(member.Name), member.Summary));

    /// <summary>What belongs together: two halves of a text, a text and itself (which noise tells apart), names and what they mean, headlines and their stories.</summary>
    IEnumerable<TextPair> Pairs(IEnumerable<string> texts) =>
    [
        .. texts.Where(text => text.Length > MinHalved).Select(text => (Text: text, Chance: TextHash.Of(text) % 8)).Where(each => each.Chance < 2)
            .Select(each => each.Chance == 0 ? Halves(each.Text) : new TextPair(each.Text, each.Text)),
        .. ApiPairs,
        .. wordNet.Entries.Select(entry => new TextPair(string.Join(", ", entry.Words), Cut(entry.Gloss))),
        .. freeOnly ? [] : data.Reuters.Where(row => row.Title.Trim().Length > Shortest && row.Body.Trim().Length > Shortest).Select(row => new TextPair(row.Title, Cut(row.Body))),
    ];

    /// <summary>What texts are about, by labels that are in no test.</summary>
    IEnumerable<LabelledText> Topics() =>
    [
        .. Frequent(wordNet.Entries.Select(entry => new LabelledText(entry.Kind, Cut(entry.Gloss)))),
        .. Frequent(api.Train.DistinctBy(member => member.Summary).Select(member => new LabelledText(string.Join('.', member.Namespace.Split('.').Take(2)), Cut(member.Summary)))),
        .. freeOnly ? [] : Frequent(data.Reuters.Where(row => row.Topics.Length > 0 && !row.Topics.Contains('|', StringComparison.Ordinal)).Select(row => new LabelledText($"reuters.{row.Topics}", Cut($"{row.Title} {row.Body}")))),
    ];

    static IEnumerable<LabelledText> Frequent(IEnumerable<LabelledText> rows) => rows.GroupBy(row => row.Label).Where(label => label.Count() >= MinTopic).SelectMany(label => label);

    static TextPair Halves(string text) => text.IndexOf(' ', text.Length / 2) is > 0 and var middle ? new(text[..middle], text[(middle + 1)..]) : new(text, text);

    /// <summary>A text in pieces of whole words.</summary>
    static IEnumerable<string> Pieces(string text)
    {
        var rest = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        while (rest.Length >= Shortest)
        {
            var piece = Cut(rest);
            yield return piece;
            rest = rest[piece.Length..].TrimStart();
        }
    }

    /// <summary>The beginning of a text, up to the end of a word.</summary>
    static string Cut(string text) => text.Length <= Longest ? text : text.LastIndexOf(' ', Longest) is > Longest / 2 and var space ? text[..space] : text[..(char.IsHighSurrogate(text[Longest - 1]) ? Longest - 1 : Longest)];

    void WritePairs(string path, IEnumerable<TextPair> pairs) => WriteRows(path, pairs.Where(pair => Clean(pair.Second)).Select(pair => JsonSerializer.Serialize(new { first = pair.First, second = pair.Second }, Json)));

    static void WriteRows(string path, IEnumerable<string> lines) => AtomicFile.Write(path, string.Concat(lines.Select(line => line + "\n")));
}
