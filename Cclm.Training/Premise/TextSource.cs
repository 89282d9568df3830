using Cclm.Training.Data;

namespace Cclm.Training.Premise;

/// <summary>Text without labels to learn from.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Licence">What it may be used for.</param>
/// <param name="Free">Whether the licence lets what was learned be passed on.</param>
/// <param name="Texts">The texts.</param>
public sealed record TextSource(string Name, string Licence, bool Free, IEnumerable<string> Texts)
{
    const string ShareAlike = "CC BY-SA";
    const string Research = "non-commercial research";

    /// <summary>Everything in the evaluation's data that is no test set, the .NET API documentation, and WordNet's glosses.</summary>
    public static IEnumerable<TextSource> All(EvaluationData data, IReadOnlyList<ApiMember> api, WordNet wordNet) =>
    [
        new(".NET API documentation", "MIT", true, api.Select(member => member.Summary).Distinct()),
        new("WordNet 3.0 glosses", "WordNet licence", true, wordNet.Entries.Select(entry => entry.Gloss)),
        new("MASC", "free", true, data.Lines("text/masc.txt")),
        new("State of the Union addresses", "public domain", true, data.Lines("text/state_union.txt")),
        new("Inaugural addresses", "public domain", true, data.Lines("text/inaugural.txt")),
        new("Universal Declaration of Human Rights, English", "public domain", true, data.Lines("udhr2/eng.txt")),
        new("AG News, training texts", Research, false, data.AgPool.Select(row => row.Text)),
        new("DBpedia, training texts", ShareAlike, false, data.Dbpedia.Train.Select(row => row.Text)),
        new("GoEmotions, training texts", "Apache-2.0", true, data.GoEmotions("train").Select(row => row.Text)),
        new("Reuters-21578", "research", false, data.Reuters.Select(row => $"{row.Title} {row.Body}")),
        new("Brown", Research, false, data.Lines("text/brown.txt")),
        new("ABC", "not stated", false, data.Lines("text/abc.txt")),
        new("WikiText-2, validation split", ShareAlike, false, data.WikiText("valid")),
        .. (((string Name, string Licence)[])[("uner_ewt", ShareAlike), ("wnut17", "CC BY"), ("wikiann", ShareAlike)])
            .Select(set => new TextSource($"{set.Name}, training sentences", set.Licence, false, data.Entities(set.Name, "train").Select(sentence => string.Join(' ', sentence.Words)))),
        new("Cora, training abstracts", "MIT", false, data.Cora.Train.Select(row => row.Text)),
    ];
}
