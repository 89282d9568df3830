using System.Diagnostics;
using NUnit.Framework;

namespace Cclm.Tests.Fuzz;

/// <summary>Gives a reader very many damaged inputs: each is read, or refused by an exception that the reader names, soon and in bounded memory.</summary>
static class Fuzzing
{
    /// <summary>Inputs a reader; the environment variable CCLM_FUZZ_INPUTS asks for more.</summary>
    const int DefaultInputs = 100_000;

    /// <summary>An input that took longer is read again: whoever else uses the machine is not the reader's fault.</summary>
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);

    /// <summary>Where a reader's files lie: in memory where that can be, for a disk would take most of the time.</summary>
    public static string Disk => Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    /// <summary>Runs the reader over the inputs and prints what came of them.</summary>
    /// <param name="name">The reader's.</param>
    /// <param name="next">Makes the inputs.</param>
    /// <param name="read">Reads one; returns whether it was taken. Everything that it does has to be on its own thread.</param>
    /// <param name="bytesAllowed">What it may allocate for an input of some length.</param>
    /// <param name="defaultInputs">How many inputs, where nobody asks for more.</param>
    public static void Run(string name, Func<byte[]> next, Func<byte[], bool> read, Func<int, long> bytesAllowed, int defaultInputs = DefaultInputs)
    {
        var inputs = int.TryParse(Environment.GetEnvironmentVariable("CCLM_FUZZ_INPUTS"), out var asked) ? asked : defaultInputs;
        var (done, taken, most, current) = (0, 0, 0L, Array.Empty<byte>());
        Exception? failure = null;
        var clock = Stopwatch.StartNew();
        var thread = new Thread(() =>
        {
            try
            {
                for (; done < inputs; done++)
                {
                    current = next();
                    var (wasTaken, allocated) = ReadOne(current, read);
                    taken += wasTaken ? 1 : 0;
                    most = Math.Max(most, allocated);
                    Assert.That(allocated, Is.LessThanOrEqualTo(bytesAllowed(current.Length)), "Memory is not bounded by the input.");
                }
            }
            catch (Exception e)
            {
                failure = e;
            }
        })
        { IsBackground = true };
        thread.Start();
        for (var last = -1; !thread.Join(Hang); last = done)
        {
            Assert.That(done, Is.GreaterThan(last), $"{name} hangs on an input: {Show(current)}");
        }
        Assert.That(failure, Is.Null, $"{name}, input {done}: {Show(current)}");
        Assert.That(taken, Is.LessThan(done), "Not one input was refused.");
        TestContext.Out.WriteLine($"{name}: {done:N0} inputs, {taken:N0} read, {done - taken:N0} refused, at most {most:N0} bytes allocated for one, {clock.Elapsed.TotalSeconds:F0} s.");
    }

    static (bool Taken, long Allocated) ReadOne(byte[] input, Func<byte[], bool> read)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (clock, before) = (Stopwatch.StartNew(), GC.GetAllocatedBytesForCurrentThread());
            var taken = read(input);
            if (clock.Elapsed < Soon)
            {
                return (taken, GC.GetAllocatedBytesForCurrentThread() - before);
            }
            Assert.That(attempt, Is.LessThan(3), $"Three times it took longer than {Soon.TotalSeconds} s.");
        }
    }

    /// <summary>A file with the input, to run it again.</summary>
    static string Show(byte[] input)
    {
        var file = Path.Combine(Path.GetTempPath(), $"cclm-fuzz-{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(input))[..16]}");
        File.WriteAllBytes(file, input);
        return $"{input.Length} bytes, in {file}.";
    }
}
