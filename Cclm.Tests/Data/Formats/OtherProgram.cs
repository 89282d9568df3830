using System.Diagnostics;
using NUnit.Framework;

namespace Cclm.Tests.Data;

/// <summary>Programs of others, which write what ours have to read.</summary>
static class OtherProgram
{
    static readonly Dictionary<string, string[]> Compressors = new()
    {
        [".gz"] = ["gzip", "-n"],
        [".zst"] = ["zstd", "-q", "--rm"],
        [".br"] = ["brotli", "--rm"],
    };

    /// <summary>Replaces a file by its compressed form, as the command line tool writes it; the new path.</summary>
    public static string Compress(string path, string extension)
    {
        if (extension.Length > 0)
        {
            Run(Compressors[extension][0], "", [.. Compressors[extension][1..], path]);
        }
        return path + extension;
    }

    /// <summary>Runs a script of Python's standard library.</summary>
    public static void Python(string script, params string[] arguments) => Run("python3", script, ["-", .. arguments]);

    /// <summary>Runs a script of packages that the system's own Python has, such as Debian's python3-numpy.</summary>
    public static void SystemPython(string script, params string[] arguments) => Run("/usr/bin/python3", script, ["-", .. arguments]);

    static void Run(string program, string input, string[] arguments)
    {
        if (!Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program))))
        {
            Assert.Ignore($"The program {program} is missing; install it to read what it writes.");
        }
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardError = true })!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (errors.Split('\n').FirstOrDefault(line => line.StartsWith("ModuleNotFoundError", StringComparison.Ordinal)) is { } missing)
        {
            Assert.Ignore($"{program}: {missing}; install it to read what it writes.");
        }
        Assert.That(process.ExitCode, Is.Zero, errors);
    }
}
