using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Cclm.Export;
using Cclm.Inference;
using Microsoft.ML.OnnxRuntime;

namespace Cclm.Tests.Inference;

/// <summary>Runs a model in a process of its own: ONNX Runtime reads its environment once, and the tests' process started it long ago.</summary>
static class ChildProcess
{
    /// <summary>The child's side: this is the entry point of the tests' assembly where it is not run as tests.</summary>
    static void Main(string[] args)
    {
        switch (args)
        {
            case ["library", var model]:
                UseTheLibrary(model);
                break;
            case ["prepared", var model]:
                PrepareAndUseOnnxRuntime(model);
                break;
            case ["soak", var first, var second, var seconds, var kind]:
                KeepUnderLoad(first, second, seconds, kind);
                break;
            case ["large", var first, var second, var whole]:
                StitchLargeModels(first, second, whole);
                break;
            case ["bare", var model]:
                UseOnnxRuntime(model);
                break;
        }
    }

    /// <summary>Runs a child with nothing in its environment but a home folder.</summary>
    /// <returns>What it wrote to the console.</returns>
    public static async Task<string> Run(string home, params string[] args)
    {
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        var start = new ProcessStartInfo(dotnet, ["exec", typeof(ChildProcess).Assembly.Location, .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();      // ONNX Runtime looks for build servers there, and sends nothing from one
        start.Environment["HOME"] = home;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        var console = await output + await error;
        return process.ExitCode == 0 ? console
            : throw new InvalidOperationException($"The child '{args[0]}' ended with {process.ExitCode}: {console}");
    }

    // Each in a method of its own: the library's module is loaded with the first method that mentions it.

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void UseTheLibrary(string path)
    {
        using var model = CclmModel.Load(path);
        model.Embed(["a", "b"]);
        try
        {
            CclmModel.Load(new TinyModel { MissingRows = 1 }.Bytes()).Dispose();
            throw new InvalidOperationException("A damaged model was loaded.");
        }
        catch (CclmModelException)
        {
            // A run that fails: ONNX Runtime would write to the console.
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void KeepUnderLoad(string first, string second, string seconds, string kind) =>
        Console.WriteLine(new Soak([first, second], TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)), leaks: kind == "leaks").Run());

    /// <summary>Stitches two models to one, and says how many megabytes that took at most.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    static void StitchLargeModels(string first, string second, string whole)
    {
        OnnxFile.Save(Stitcher.Stitch([("a", OnnxFile.Load(first)), ("b", OnnxFile.Load(second))], []), whole);
        using var self = Process.GetCurrentProcess();
        Console.WriteLine($"{self.PeakWorkingSet64 >> 20} MB");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void PrepareAndUseOnnxRuntime(string path)
    {
        OnnxRuntimeEnvironment.Prepare();
        UseOnnxRuntime(path);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void UseOnnxRuntime(string path) => new InferenceSession(path).Dispose();
}
