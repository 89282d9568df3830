using Cclm.Inference;
using Cclm.Training.Data;

namespace Cclm.Benchmarks;

/// <summary>Text to ids into a caller's span, on one core.</summary>
static class EncodeBenchmark
{
    const int Rounds = 15, Characters = 4_000_000;

    public static void Run()
    {
        var random = new Random(1);
        string Script(int first, int count) => string.Concat(Enumerable.Range(0, Characters).Select(i => i % 7 == 6 ? " " : char.ConvertFromUtf32(first + random.Next(count))));
        (string Name, string Text)[] texts =
        [
            ("English: the .NET API documentation", string.Join(' ', ApiDocumentation.Read().Select(member => member.Summary))),
            ("Cyrillic, random words", Script(0x430, 32)), ("Chinese, random words", Script(0x4e00, 3000)), ("emoji, random words", Script(0x1f600, 80)),
        ];
        Console.WriteLine("\n| text | characters | ns a character, median of rounds | least | most |\n|---|---|---|---|---|");
        foreach (var (name, text) in texts)
        {
            var preprocessor = new Preprocessor(Vocabulary.Fit([text]), new() { MaxLength = text.Length + 1 });
            var ids = new long[preprocessor.Length(text)];
            var times = Measure.InTurns(Rounds, () => preprocessor.Encode(text, ids))[0].Select(seconds => seconds * 1e9 / ids.Length).ToArray();
            Console.WriteLine($"| {name} | {ids.Length:N0} | {Measure.Median(times):F2} | {times.Min():F2} | {times.Max():F2} |");
        }
    }
}
