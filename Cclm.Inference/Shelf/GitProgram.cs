using System.ComponentModel;
using System.Diagnostics;

namespace Cclm.Inference;

/// <summary>Runs the program git in a folder. Arguments go as a list, never through a shell, and nothing is asked of a terminal.</summary>
sealed class GitProgram(string folder)
{
    /// <exception cref="ShelfException">git or git-lfs is not installed.</exception>
    public static async Task CheckInstalledAsync(CancellationToken cancellation)
    {
        var here = new GitProgram(Path.GetTempPath());
        await here.RunAsync(["version"], cancellation).ConfigureAwait(false);
        if ((await here.TryAsync(["lfs", "version"], null, null, cancellation).ConfigureAwait(false)).Exit != 0)
        {
            throw new ShelfException("The program git-lfs is not installed, and a shelf in a git repository keeps its items in Git LFS. Install it (https://git-lfs.com), for example with 'apt-get install git-lfs'.");
        }
    }

    /// <summary>Runs a command.</summary>
    /// <returns>Its standard output.</returns>
    /// <exception cref="ShelfException">It failed; the message is git's own.</exception>
    public async Task<string> RunAsync(string[] arguments, CancellationToken cancellation)
    {
        using var output = new MemoryStream();
        await RunAsync(arguments, null, output, cancellation).ConfigureAwait(false);
        return System.Text.Encoding.UTF8.GetString(output.ToArray());
    }

    /// <param name="arguments">The command and its arguments.</param>
    /// <param name="input">What it reads; null for nothing.</param>
    /// <param name="output">Takes its standard output.</param>
    /// <param name="cancellation">Ends the program, and those it started.</param>
    /// <inheritdoc cref="RunAsync(string[], CancellationToken)"/>
    public async Task RunAsync(string[] arguments, Stream? input, Stream output, CancellationToken cancellation)
    {
        if (await TryAsync(arguments, input, output, cancellation).ConfigureAwait(false) is { Exit: not 0 } failed)
        {
            throw new ShelfException($"git {arguments.First(argument => !argument.StartsWith('-') && !argument.Contains('='))} failed with {failed.Exit}: {failed.Errors.Trim()}");
        }
    }

    /// <returns>The exit code, and what it wrote to standard error.</returns>
    public async Task<(int Exit, string Errors)> TryAsync(string[] arguments, Stream? input, Stream? output, CancellationToken cancellation)
    {
        using var process = Start(arguments);
        using var ending = cancellation.Register(() => process.Kill(entireProcessTree: true));
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var copied = process.StandardOutput.BaseStream.CopyToAsync(output ?? Stream.Null, CancellationToken.None);
        if (input is not null)
        {
            await input.CopyToAsync(process.StandardInput.BaseStream, CancellationToken.None).ConfigureAwait(false);
        }
        process.StandardInput.Close();
        await copied.ConfigureAwait(false);
        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
        return (process.ExitCode, await errors.ConfigureAwait(false));
    }

    Process Start(string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in (ReadOnlySpan<(string, string)>)
            [("GIT_TERMINAL_PROMPT", "0"), ("GCM_INTERACTIVE", "never"), ("GIT_ALLOW_PROTOCOL", "file:http:https:ssh"), ("LC_ALL", "C")])
        {
            start.Environment[name] = value;
        }
        start.Environment.TryAdd("GIT_SSH_COMMAND", "ssh -oBatchMode=yes");
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new ShelfException($"The program git can not be started: {e.Message}. Install it (https://git-scm.com), or use a shelf in a folder or over HTTP.", e);
        }
    }
}
