using System.Diagnostics;
using System.Runtime.InteropServices;
using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.App;

/// <summary>Training in several processes, as Open MPI and MPICH start them.</summary>
public sealed class MpiTests
{
    public const string OpenMpi = "mpirun.openmpi";
    const string Mpich = "mpirun.mpich";
    const string KeypadMode = "\e[?1h\e=";        // Open MPI gives a process a terminal, which .NET then sets up
    const int Interrupt = 2, Kill = 9, Terminate = 15;

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    static readonly TempFolder Folder = new();

    [OneTimeSetUp]
    public void WriteTexts() => File.WriteAllLines(Folder["text.txt"], Enumerable.Range(0, 300).Select(i => $"{(i % 2 == 0 ? "even" : "odd")}\tline {i * 7919 % 1000} of a text about {(i % 3 == 0 ? "everything" : "nothing much")}"));

    [OneTimeTearDown]
    public void Clean() => Folder.Dispose();

    /// <summary>With dropout, masking, clipping, evaluation, an average of the weights and 16-bit products.</summary>
    static string[] Training(string model, int batches, params string[] more) =>
    [
        .. more.Where(option => option.StartsWith("--", StringComparison.Ordinal)).Aggregate(Usual(model, batches), Without), .. more,
    ];

    static string[] Usual(string model, int batches) =>
    [
        "pretrain", "char-mask", "--corpus", Folder["text.txt"], "--text-column", "2", "--model", Folder[model], "--threads", "1", "--steps", "23", "--batch-size", "3", "--accumulate", $"{batches}",
        "--embedder-options", """{"blocks":1,"filters":16,"globalFilters":4,"dropout":0.2}""", "--tower-options", """{"heads":2,"feedForward":16,"dropout":0.1}""", "--max-length", "40",
        "--average-decay", "0.9", "--evaluate-every", "7", "--checkpoint-every", "5",
    ];

    static string[] Without(string[] command, string option) => Array.IndexOf(command, option) is >= 0 and var at ? [.. command[..at], .. command[(at + 2)..]] : command;

    /// <summary>The order of a sum of two is nothing; each process has one batch of a step.</summary>
    [TestCase(OpenMpi, "Float32")]
    [TestCase(OpenMpi, "BFloat16")]
    [TestCase(Mpich, "Float32")]
    public async Task TwoProcessesMakeTheFilesOfOne(string mpirun, string precision)
    {
        var name = $"{mpirun}-{precision}";
        var (exit, one, errors) = await Cli.RunAsync(Training($"{name}-one", 2, "--precision", precision.ToLowerInvariant()));
        Assert.That(exit, Is.Zero, errors);
        (exit, var two, errors) = await RunAsync(mpirun, 2, Training($"{name}-two", 2, "--precision", precision.ToLowerInvariant(), "--mpi"));
        Assert.That(exit, Is.Zero, errors);
        Assert.That(Lines(two)[1], Is.EqualTo(Lines(one)[1]), "what is held out, said once");
        Assert.That(Files($"{name}-two"), Is.EqualTo(Files($"{name}-one")));
    }

    [TestCase(3, 3)]
    [TestCase(2, 4)]
    [TestCase(4, 8)]
    public async Task MoreProcessesAndBatchesDifferByTheRoundingOfASum(int ranks, int batches)
    {
        var (one, many) = ($"{ranks}-{batches}-one", $"{ranks}-{batches}-many");
        Assert.That((await Cli.RunAsync(Training(one, batches))).Exit, Is.Zero);
        var (exit, _, errors) = await RunAsync(OpenMpi, ranks, Training(many, batches, "--mpi"));
        Assert.That(exit, Is.Zero, errors);
        foreach (var file in (string[])["embedder.safetensors", "towers/char_mask.safetensors", "heads/char_mask.safetensors"])
        {
            var (expected, found) = (Safetensors.Read(Folder[$"{one}/{file}"]), Safetensors.Read(Folder[$"{many}/{file}"]));
            Assert.That(found.Tensors.Keys, Is.EquivalentTo(expected.Tensors.Keys));
            Assert.Multiple(() => Array.ForEach([.. expected.Tensors], tensor => Assert.That(Said(found.Tensors[tensor.Key]), Is.EqualTo(Said(tensor.Value)).Within(1e-6f), tensor.Key)));
        }
    }

    [Test]
    public async Task AHeadIsFineTunedTogether()
    {
        string[] Command(string output, params string[] more) =>
        [
            "finetune", "categorical", "--corpus", Folder["text.txt"], "--label-column", "1", "--text-column", "2", "--model", Folder["base"], "--name", "parity", "--output", Folder[output],
            "--threads", "1", "--steps", "6", "--batch-size", "4", "--accumulate", "2", .. more,
        ];
        Assert.That((await Cli.RunAsync(Training("base", 1))).Exit, Is.Zero);
        Assert.That((await Cli.RunAsync(Command("tuned-one"))).Exit, Is.Zero);
        var (exit, _, errors) = await RunAsync(OpenMpi, 2, Command("tuned-two", "--mpi"));
        Assert.That(exit, Is.Zero, errors);
        Assert.That(Files("tuned-two"), Is.EqualTo(Files("tuned-one")));
    }

    /// <summary>A rank that dies takes the others with it; one that is asked to stop stops all, in order. The run goes on from where it was saved.</summary>
    [TestCase(Kill, 137)]
    [TestCase(Interrupt, 130)]
    [TestCase(Terminate, 130)]
    public async Task ARunThatEndsBeforeItsTimeIsGoneOnWith(int signal, int code)
    {
        var (one, two) = ($"whole-{signal}", $"broken-{signal}");
        string[] longer = ["--steps", "900", "--evaluate-every", "0"];
        Assert.That((await Cli.RunAsync(Training(one, 2, longer))).Exit, Is.Zero);
        using (var process = Start(OpenMpi, 2, Training(two, 2, ["--mpi", .. longer])))
        {
            var errors = process.StandardError.ReadToEndAsync();
            Assert.That(await Eventually(() => Directory.Exists(Folder[$"{two}/runs/char_mask/checkpoints"]) && Directory.GetFiles(Folder[$"{two}/runs/char_mask/checkpoints"], "step-*").Max() is { } newest && !newest.EndsWith("000000000.safetensors", StringComparison.Ordinal)), Is.True);
            Assert.That(Cli.Signal(RankOf(process, 1), signal), Is.Zero);
            await EndOf(process);
            Assert.That(process.ExitCode, Is.EqualTo(code));
            Assert.That(File.Exists(Folder[$"{two}/embedder.safetensors"]), Is.False, await errors);
        }
        var (exit, _, said) = await RunAsync(OpenMpi, 2, Training(two, 2, ["--mpi", "--continue", .. longer]));
        Assert.That(exit, Is.Zero, said);
        Assert.That(Files(two), Is.EqualTo(Files(one)));
        Assert.That(Directory.GetDirectories(Path.GetTempPath(), "cclm-rank-*"), Is.Empty, "Copies are cleared up, those of ranks that were killed too.");
    }

    [TestCase("can not share alike; expected a multiple of 2", "--mpi", "--accumulate", "3")]
    [TestCase("one of 2 processes that were started together", "--accumulate", "2")]
    [TestCase("another MPI started them, or none", "--mpi", "--accumulate", "2", "--mpi-library", "libmpich.so.12")]
    [TestCase("'libz.so.1' is no MPI library", "--mpi", "--accumulate", "2", "--mpi-library", "libz.so.1")]
    [TestCase("There is no MPI library nowhere.so", "--mpi", "--accumulate", "2", "--mpi-library", "nowhere.so")]
    [TestCase("missing.txt'; expected a text file", "--mpi", "--accumulate", "2", "--corpus", "missing.txt")]
    public async Task WhatCanNotBeIsSaid(string message, params string[] options)
    {
        if (options.Contains("libmpich.so.12"))
        {
            Ensure(Mpich);
        }
        var (exit, output, errors) = await RunAsync(OpenMpi, 2, Training("refused", 2, options));
        Assert.That(exit, Is.Not.Zero);
        Assert.That(output, Is.Empty);
        Assert.That(errors, Does.Contain(message).And.Not.Contain("   at "));
        Assert.That(Folder["refused/embedder.safetensors"], Does.Not.Exist);
    }

    static Dictionary<string, string> Files(string model) => Directory.GetFiles(Folder[model], "*", SearchOption.AllDirectories)
        .Where(file => Path.GetExtension(file) is ".safetensors" or ".json" && !file.Contains("/runs/", StringComparison.Ordinal))
        .ToDictionary(file => Path.GetRelativePath(Folder[model], file), file => Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file))));

    /// <summary>A weight without what nothing depends on: softmax takes no notice of keys' biases, whose gradients are rounding alone, which AdamW makes steps of.</summary>
    static float[] Said(SafeTensor tensor)
    {
        var numbers = MemoryMarshal.Cast<byte, float>(tensor.Data.Span).ToArray();
        return tensor.Name.EndsWith("qkv.bias", StringComparison.Ordinal) ? [.. numbers[..(numbers.Length / 3)], .. numbers[(numbers.Length / 3 * 2)..]] : numbers;
    }

    static string[] Lines(string output) => output.Split('\n');

    static async Task<(int Exit, string Output, string Errors)> RunAsync(string mpirun, int ranks, params string[] arguments)
    {
        using var process = Start(mpirun, ranks, arguments);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await EndOf(process);
        return (process.ExitCode, (await output).Replace(KeypadMode, "", StringComparison.Ordinal), await errors);
    }

    /// <summary>Ranks that wait for each other for ever are ended, and fail the test.</summary>
    static async Task EndOf(Process process)
    {
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    static Process Start(string mpirun, int ranks, params string[] arguments)
    {
        Ensure(mpirun);
        var start = new ProcessStartInfo(mpirun, ["-n", $"{ranks}", "dotnet", Cli.App, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (name, value) in ((string, string)[])[("OMPI_ALLOW_RUN_AS_ROOT", "1"), ("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"), ("OMPI_MCA_rmaps_base_oversubscribe", "1")])
        {
            start.Environment[name] = value;
        }
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    /// <summary>Skips the test where a program is not installed.</summary>
    public static void Ensure(string program)
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program))))
        {
            Assert.Ignore($"{program} is not here (Debian: openmpi-bin, mpich).");
        }
    }

    /// <summary>The process of a rank.</summary>
    static int RankOf(Process mpirun, int rank) => Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(name => int.Parse(name!, System.Globalization.CultureInfo.InvariantCulture))
        .Single(process => ParentOf(process) == mpirun.Id && Read($"/proc/{process}/environ") is { } environ && environ.Contains($"OMPI_COMM_WORLD_RANK={rank}\0", StringComparison.Ordinal));

    static int ParentOf(int process) => Read($"/proc/{process}/stat") is { } stat ? int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture) : 0;

    static string? Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return null;        // it is gone
        }
    }

    static async Task<bool> Eventually(Func<bool> holds)
    {
        for (var waited = 0; waited < 600; waited++)
        {
            if (holds())
            {
                return true;
            }
            await Task.Delay(50);
        }
        return false;
    }
}
