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
        var gigabytes = double.Parse(Option("--gigabytes") ?? "1", System.Globalization.CultureInfo.InvariantCulture);
        if (Option("--write") is { } path)
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
                Measure("lines", Path.Combine(folder.FullName, "corpus.txt"), size, SyntheticCorpus.WriteLines);
                Measure("JSON", Path.Combine(folder.FullName, "corpus.jsonl"), size / JsonShare, SyntheticCorpus.WriteJson);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        string? Option(string name) => Array.IndexOf(arguments, name) is >= 0 and var at && at + 1 < arguments.Length ? arguments[at + 1] : null;
    }

    static void Measure(string name, string path, double gigabytes, Action<string, long> write)
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
        Console.WriteLine($"| {name} | {size / 1e9:F2} | {rows:N0} | {size / 1e6 / read.TotalSeconds:F0} | {size / 1e6 / skipped.TotalSeconds:F0} | {PeakMegabytes():F0} |");

        RowSource<string> Open() => Corpus.Open(new() { Paths = [path] });          // anew, so that nothing is remembered of it
    }

    /// <summary>The most that was resident at any time, as Linux counts it (VmHWM).</summary>
    static double PeakMegabytes() => File.Exists("/proc/self/status")
        ? long.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / 1024.0
        : Process.GetCurrentProcess().PeakWorkingSet64 / 1048576.0;
}
