using System.Diagnostics;

namespace Cclm.Benchmarks;

/// <summary>What the benchmarks measure with.</summary>
static class Measure
{
    /// <summary>Seconds of each work in each round, after one round that does not count. Works take turns, so that what the machine does besides falls on all of them alike.</summary>
    public static double[][] InTurns(int rounds, params Action[] works)
    {
        var times = works.Select(_ => new double[rounds]).ToArray();
        for (var round = -1; round < rounds; round++)
        {
            for (var i = 0; i < works.Length; i++)
            {
                var clock = Stopwatch.StartNew();
                works[i]();
                if (round >= 0)
                {
                    times[i][round] = clock.Elapsed.TotalSeconds;
                }
            }
        }
        return times;
    }

    /// <summary>The median time of a work, which is done once more before.</summary>
    public static Sample Sample(int times, Action work) => new(Median(InTurns(times, work)[0]) * 1000);

    /// <summary>The most that was resident at any time, as Linux counts it (VmHWM).</summary>
    public static double PeakMegabytes() => File.Exists("/proc/self/status")
        ? long.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / 1024.0
        : Process.GetCurrentProcess().PeakWorkingSet64 / 1048576.0;

    /// <summary>The arguments behind a name, up to the next.</summary>
    public static string[] Words(string[] arguments, string name) => [.. arguments.SkipWhile(argument => argument != name).Skip(1).TakeWhile(argument => !argument.StartsWith("--", StringComparison.Ordinal))];

    /// <summary>The argument behind a name; null where the name is not there.</summary>
    public static string? Option(string[] arguments, string name) => Array.IndexOf(arguments, name) is >= 0 and var at && at + 1 < arguments.Length ? arguments[at + 1] : null;

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>The last line that these benchmarks print, run once more in a process of their own: by <c>dotnet</c>, or where it brings its own .NET, as the program that it is.</summary>
    public static string Again(params string[] arguments) => Path.GetDirectoryName(typeof(object).Assembly.Location) == Path.GetDirectoryName(typeof(Measure).Assembly.Location)
        ? InAProcess(Environment.ProcessPath!, arguments, ".")
        : InAProcess("dotnet", ["exec", typeof(Measure).Assembly.Location, .. arguments], ".");

    /// <summary>The last line that a program prints.</summary>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="folder">Where it runs.</param>
    /// <exception cref="InvalidOperationException">It failed; the message has its errors.</exception>
    public static string InAProcess(string program, IEnumerable<string> arguments, string folder)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder })!;
        var errors = process.StandardError.ReadToEndAsync();
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? said.Trim().Split('\n')[^1] : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {errors.Result.Trim()}");
    }
}
