using System.Diagnostics;
using NUnit.Framework;

namespace Cclm.Tests.App;

/// <summary>The app as a user runs it: a process of its own.</summary>
static class Cli
{
    const int InterruptSignal = 2;

    static readonly AsyncLocal<string> Folder = new();

    /// <summary>The folder in which the commands of this test are run from now on.</summary>
    public static void GoTo(string folder) => Folder.Value = folder;

    /// <summary>Runs one command to its end; <c>&lt; file</c> at the end of the arguments is its standard input.</summary>
    public static async Task<(int Exit, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        var input = arguments is [.., "<", var file] ? File.ReadAllBytes(file) : [];
        return await RunAsync(input, arguments is [.. var rest, "<", _] ? rest : arguments);
    }

    /// <inheritdoc cref="RunAsync(string[])"/>
    public static async Task<(int Exit, string Output, string Errors)> RunAsync(byte[] input, params string[] arguments)
    {
        using var process = Start(arguments);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.BaseStream.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }

    /// <summary>Runs a command until its messages contain a text, then presses Ctrl-C.</summary>
    public static Task<(int Exit, string Output, string Errors)> InterruptAsync(string when, params string[] arguments) => InterruptAsync(when, times: 1, writes: null, arguments);

    /// <inheritdoc cref="InterruptAsync(string, string[])"/>
    /// <param name="when">The text.</param>
    /// <param name="times">How often the key is pressed.</param>
    /// <param name="writes">A folder: the command has to have written a file in it, too.</param>
    /// <param name="arguments">The command.</param>
    public static async Task<(int Exit, string Output, string Errors)> InterruptAsync(string when, int times, string? writes, params string[] arguments)
    {
        var started = DateTime.UtcNow;
        using var process = Start(arguments);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var (errors, sent) = ("", false);
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            errors += $"{line}\n";
            if (!sent && line.Contains(when, StringComparison.Ordinal))
            {
                sent = true;
                while (writes is not null && !process.HasExited && !HasNewFiles(writes, started))
                {
                    await Task.Delay(10);
                }
                await Task.Delay(300);      // into the work that the line announces
                for (var i = 0; i < times; i++)
                {
                    _ = Signal(process.Id, InterruptSignal);      // the process may be gone at the last
                    await Task.Delay(20);
                }
            }
        }
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, errors);
    }

    static bool HasNewFiles(string folder, DateTime since) =>
        Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Any(file => File.GetLastWriteTimeUtc(file) > since);

    /// <summary>Runs a command and kills it after some time.</summary>
    /// <returns>False if it had ended by itself before, and well.</returns>
    public static async Task<bool> KillAsync(TimeSpan after, params string[] arguments)
    {
        using var process = Start(arguments);
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await Task.WhenAny(process.WaitForExitAsync(), Task.Delay(after));
        var killed = !process.HasExited;
        process.Kill();
        await process.WaitForExitAsync();
        Assert.That(killed || process.ExitCode == 0, Is.True, $"{await output}{await errors}");
        return killed;
    }

    /// <summary>The app where its own build puts it: beside the tests lies a copy that lacks what their shared framework brings.</summary>
    public static string App => new DirectoryInfo(TestContext.CurrentContext.TestDirectory) is { Name: var framework, Parent: { Name: var configuration, Parent.Parent.Parent: { } root } }
        ? Path.Combine(root.FullName, "Cclm.Training", "bin", configuration, framework, "Cclm.Training.dll")
        : throw new InvalidOperationException($"'{TestContext.CurrentContext.TestDirectory}' is not the output folder of a build.");

    /// <summary>Starts a command and leaves it to the caller.</summary>
    public static Process Start(string[] arguments) => Process.Start(new ProcessStartInfo("dotnet", [App, .. arguments])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        WorkingDirectory = Folder.Value,
    })!;

    /// <summary>Sends a signal to a process; 0 where it was there.</summary>
    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "kill")]
    public static extern int Signal(int process, int signal);
}
