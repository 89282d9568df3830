using System.Globalization;

namespace Cclm.Training.Premise;

/// <summary>The meanings of words: WordNet's data files, as Debian's package <c>wordnet-base</c> has them in <c>/usr/share/wordnet</c> (format: <c>wndb(5WN)</c>).</summary>
public sealed class WordNet
{
    /// <summary>Where the package puts them.</summary>
    public const string DefaultFolder = "/usr/share/wordnet";

    static readonly string[] Kinds =
    [
        "adj.all", "adj.pert", "adv.all", "noun.Tops", "noun.act", "noun.animal", "noun.artifact", "noun.attribute", "noun.body", "noun.cognition",
        "noun.communication", "noun.event", "noun.feeling", "noun.food", "noun.group", "noun.location", "noun.motive", "noun.object", "noun.person",
        "noun.phenomenon", "noun.plant", "noun.possession", "noun.process", "noun.quantity", "noun.relation", "noun.shape", "noun.state", "noun.substance",
        "noun.time", "verb.body", "verb.change", "verb.cognition", "verb.communication", "verb.competition", "verb.consumption", "verb.contact",
        "verb.creation", "verb.emotion", "verb.motion", "verb.perception", "verb.possession", "verb.social", "verb.stative", "verb.weather", "adj.ppl",
    ];

    WordNet(IReadOnlyList<Entry> entries) => Entries = entries;

    /// <summary>A meaning.</summary>
    /// <param name="Kind">What the lexicographers filed it under, such as <c>noun.animal</c>.</param>
    /// <param name="Words">The words that have it.</param>
    /// <param name="Gloss">What it is, perhaps with examples.</param>
    public sealed record Entry(string Kind, IReadOnlyList<string> Words, string Gloss);

    /// <summary>All meanings; none where the files are not there.</summary>
    public IReadOnlyList<Entry> Entries { get; }

    /// <summary>Reads the data files of a folder.</summary>
    /// <exception cref="InvalidDataException">A line is no entry.</exception>
    public static WordNet Load(string folder) => new([.. ((string[])["adj", "adv", "noun", "verb"]).Select(part => Path.Combine(folder, $"data.{part}")).Where(File.Exists)
        .SelectMany(file => File.ReadLines(file).Index().Where(line => !line.Item.StartsWith("  ", StringComparison.Ordinal)).Select(line => Parse(file, line.Index + 1, line.Item)))]);

    static Entry Parse(string file, int number, string line)
    {
        // offset, number of the lexicographers' file, part of speech, count of words (hexadecimal), word and number each, .. | gloss
        var fields = line.Split(" | ", 2)[0].Split(' ');
        return line.IndexOf(" | ", StringComparison.Ordinal) is > 0 and var bar && fields.Length > 4 && int.TryParse(fields[1], out var kind) && kind < Kinds.Length
            && int.TryParse(fields[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var words) && fields.Length >= 4 + (2 * words)
            ? new(Kinds[kind], [.. Enumerable.Range(0, words).Select(i => fields[4 + (2 * i)].Split('(')[0].Replace('_', ' '))], line[(bar + 3)..].Trim())
            : throw new InvalidDataException($"'{file}', line {number} is no entry of WordNet; expected 'offset file kind count word number .. | gloss'.");
    }
}
