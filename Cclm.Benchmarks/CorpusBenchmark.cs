using System.Diagnostics;
using Cclm.Training.Data;

namespace Cclm.Benchmarks;

/// <summary>A corpus of any size read from disk: how fast, and that memory does not grow with it. Beside the size, the same at a hundredth of it.</summary>
/// <remarks><c>-- corpus --gigabytes 10</c> reads 10 GB; <c>-- corpus --write PATH --gigabytes 10</c> only writes the corpus, to be trained on.</remarks>
static class CorpusBenchmark
{
    const int JsonShare = 10;           // JSON is parsed: a tenth of the size shows as much

    public static void Run(string[] arguments)
    {
        var gigabytes = double.Parse(Measure.Option(arguments, "--gigabytes") ?? "1", System.Globalization.CultureInfo.InvariantCulture);
        if (Measure.Option(arguments, "--write") is { } path)
        {
            SyntheticCorpus.WriteLines(path, (long)(gigabytes * 1e9));
            Console.WriteLine($"Wrote {path}: {new FileInfo(path).Length / 1e9:F2} GB.");
            return;
        }
        var folder = Directory.CreateTempSubdirectory("cclm-corpus-");
        try
        {
            Console.WriteLine("\n| corpus | GB | rows | read, MB/s | skipped, MB/s | peak memory of the process, MB |\n|---|---|---|---|---|---|");
            foreach (var size in (double[])[gigabytes / 100, gigabytes])
            {
                MeasureReading("lines", Path.Combine(folder.FullName, "corpus.txt"), size, SyntheticCorpus.WriteLines);
                MeasureReading("JSON", Path.Combine(folder.FullName, "corpus.jsonl"), size / JsonShare, SyntheticCorpus.WriteJson);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static void MeasureReading(string name, string path, double gigabytes, Action<string, long> write)
    {
        write(path, (long)(gigabytes * 1e9));
        var size = new FileInfo(path).Length;
        var clock = Stopwatch.StartNew();
        var (rows, last) = (0L, 0L);
        foreach (var (number, _) in Open().Read())
        {
            (rows, last) = (rows + 1, number);
        }
        var read = clock.Elapsed;
        clock.Restart();
        if (Open().Read(last).Count() != 1)
        {
            throw new InvalidOperationException("The last row is not the last.");
        }
        var skipped = clock.Elapsed;
        File.Delete(path);
        Console.WriteLine($"| {name} | {size / 1e9:F2} | {rows:N0} | {size / 1e6 / read.TotalSeconds:F0} | {size / 1e6 / skipped.TotalSeconds:F0} | {Measure.PeakMegabytes():F0} |");

        RowSource<string> Open() => Corpus.Open(new() { Paths = [path] });          // anew, so that nothing is remembered of it
    }
}
