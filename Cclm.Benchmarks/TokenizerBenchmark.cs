using System.Diagnostics;
using System.Text;
using Cclm.Training.Data;

namespace Cclm.Benchmarks;

/// <summary>A tokenizer fitted on text from disk, and texts encoded with it.</summary>
/// <remarks>
/// The text is the documentation of .NET's API again and again, each time with other typing errors in one word of twenty: like other
/// text it goes on bringing new words, most of which come once. <c>-- tokenizer --megabytes 100</c> says how much of it.
/// </remarks>
static class TokenizerBenchmark
{
    const double TypoRate = 0.05;
    const int Encoded = 20_000;

    public static void Run(string[] arguments)
    {
        var megabytes = double.Parse(Measure.Option(arguments, "--megabytes") ?? "100", System.Globalization.CultureInfo.InvariantCulture);
        var folder = Directory.CreateTempSubdirectory("cclm-tokenizer-");
        try
        {
            var path = Path.Combine(folder.FullName, "corpus.txt");
            Write(path, (long)(megabytes * 1e6));
            var texts = Corpus.Open(new() { Paths = [path] });
            var size = new FileInfo(path).Length / 1e6;
            var clock = Stopwatch.StartNew();
            var counts = WordCounts.Of(texts.Read().Select(row => row.Row), CancellationToken.None);
            var words = counts.Total();
            var counting = clock.Elapsed.TotalSeconds;
            var tokenizer = SubwordTokenizer.Fit(words, new());
            var all = clock.Elapsed.TotalSeconds;
            Console.WriteLine("\n| MB | texts counted | different words | tokens | counting, s | merging, s | together, s | MB/s | peak memory of the process, MB |\n|---|---|---|---|---|---|---|---|---|");
            Console.WriteLine($"| {size:F1} | {(counts.OneIn == 1 ? "all" : $"1 in {counts.OneIn:F0}")} | {words.Count:N0} | {tokenizer.Vocabulary.Count:N0} " +
                $"| {counting:F1} | {all - counting:F1} | {all:F1} | {size / all:F1} | {Measure.PeakMegabytes():F0} |");

            var sample = texts.Read().Take(Encoded).Select(row => row.Row).ToList();
            clock.Restart();
            var tokens = sample.Sum(text => tokenizer.Encode(text).Count);
            var characters = sample.Sum(text => text.Length);
            Console.WriteLine($"\nEncoding: {characters / clock.Elapsed.TotalSeconds / 1e6:F1} million characters a second in one thread, {characters / (double)tokens:F1} a token.");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static void Write(string path, long bytes)
    {
        var members = ApiDocumentation.Read();
        var random = new Random(1);
        var augmentor = Augmentors.Typos(TypoRate);
        using var file = new StreamWriter(path, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 20);
        long written = 0;
        for (var i = 0; written < bytes; i++)
        {
            var text = augmentor(members[i % members.Count].Summary, random);
            file.Write($"{text}\n");
            written += Encoding.UTF8.GetByteCount(text) + 1;
        }
    }
}
