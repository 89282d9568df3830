using System.Text;
using Cclm.Training.Data;

namespace Cclm.Benchmarks;

/// <summary>
/// Noise on text: megabytes of UTF-8 for each second of processor time (of all threads: compiler and garbage collector too), of each kind and
/// of a rune after another into a StringBuilder beside it. Processor time says what a core can do, whatever else runs on the machine.
/// </summary>
static class AugmentBenchmark
{
    const int Rounds = 9, Bytes = 4_000_000, TextLength = 200;
    const double Rate = 0.1;

    static readonly Dictionary<Rune, string> Cyrillic = "aаeеoоpрcсxхyу".Chunk(2).ToDictionary(pair => new Rune(pair[0]), pair => pair[1].ToString());

    public static void Run()
    {
        (string Name, string[] Texts)[] corpora = [("English", English()), ("Cyrillic", Script(0x430, 32)), ("Chinese", Script(0x4e00, 3000)), ("emoji", Script(0x1f600, 80))];
        var kinds = Kinds(Misspellings(corpora[0].Texts)).ToArray();
        Console.WriteLine($"\n| MB a second of processor time, median of {Rounds}, rate {Rate} | {string.Join(" | ", corpora.Select(corpus => corpus.Name))} |\n|---|{string.Concat(corpora.Select(_ => "---|"))}");
        foreach (var (name, augmentor) in kinds)
        {
            Console.WriteLine($"| {name} | {string.Join(" | ", corpora.Select(corpus => $"{MegabytesPerSecond(augmentor, corpus.Texts):F0}"))} |");
        }
    }

    static IEnumerable<(string, Augmentor)> Kinds(MisspellingList list) =>
    [
        ("noise", Augmentors.Noise(Rate)), ("noise with misspellings", Augmentors.Noise(Rate, list)),
        ("typos of all kinds", Augmentors.Typos(Rate)), ("neighbour keys", Augmentors.NeighbourKeys(Rate)), ("transpositions", Augmentors.Transpositions(Rate)),
        ("drops", Augmentors.Drops(Rate)), ("doublings", Augmentors.Doublings(Rate)), ("misspellings", Augmentors.Misspellings(Rate, list)),
        ("case", Augmentors.Case(Rate)), ("white space", Augmentors.WhiteSpace(Rate)), ("stripped accents", Augmentors.StrippedAccents(Rate)),
        ("OCR confusions", Augmentors.OcrConfusions(Rate)), ("homoglyphs", Augmentors.Homoglyphs(Rate)),
        ("lower, upper, title first", Augmentors.Compose(Augmentors.Lower(Rate), Augmentors.TitleFirst(Rate), Augmentors.Upper(Rate))),
        ("*rune by rune: drops of characters*", (text, random) => RuneByRune(text, (rune, output) => Append(output, random.NextDouble() < Rate ? null : rune))),
        ("*rune by rune: homoglyphs of 7 letters*", (text, random) => RuneByRune(text, (rune, output) =>
            Append(output, rune, Cyrillic.TryGetValue(rune, out var other) && random.NextDouble() < Rate ? other : null))),
    ];

    static double MegabytesPerSecond(Augmentor augmentor, string[] texts)
    {
        var megabytes = texts.Sum(Encoding.UTF8.GetByteCount) / 1e6;
        var times = new double[Rounds];
        for (var round = -1; round < Rounds; round++)           // the first one does not count
        {
            var (random, before) = (new Random(1), Environment.CpuUsage.TotalTime);
            foreach (var text in texts)
            {
                augmentor(text, random);
            }
            times[Math.Max(round, 0)] = (Environment.CpuUsage.TotalTime - before).TotalSeconds;
        }
        return megabytes / Measure.Median(times);
    }

    static string RuneByRune(string text, Action<Rune, StringBuilder> append)
    {
        var output = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            append(rune, output);
        }
        return output.ToString();
    }

    static void Append(StringBuilder output, Rune? rune, string? instead = null) => output.Append(instead ?? rune?.ToString());

    /// <summary>The .NET API documentation, a summary a text.</summary>
    static string[] English() => [.. ApiDocumentation.Read().Select(member => member.Summary)];

    /// <summary>Random words of six characters.</summary>
    static string[] Script(int first, int count)
    {
        var random = new Random(1);
        var length = Bytes / Encoding.UTF8.GetByteCount(char.ConvertFromUtf32(first)) / TextLength;
        return [.. Enumerable.Range(0, length).Select(_ => string.Concat(Enumerable.Range(0, TextLength).Select(i => i % 7 == 6 ? " " : char.ConvertFromUtf32(first + random.Next(count)))))];
    }

    /// <summary>Five misspellings of each word that is in the texts: lists of others are not for a benchmark that anybody can run.</summary>
    static MisspellingList Misspellings(string[] texts)
    {
        var random = new Random(1);
        var words = texts.SelectMany(text => text.Split(' ')).Where(word => word.Length is > 3 and < 30 && word.All(char.IsAsciiLetter)).Distinct().Order(StringComparer.Ordinal);
        var path = Path.GetTempFileName();
        try
        {
            var misspell = Augmentors.Typos(1);
            File.WriteAllLines(path, words.SelectMany(word => Enumerable.Range(0, 5).Select(_ => $"{misspell(word, random)}\t{word}")));
            return MisspellingList.Load(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
