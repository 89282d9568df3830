using System.Diagnostics;
using NUnit.Framework;

namespace Cclm.Tests.App;

/// <summary>Training as a user sees it on a terminal, which the program <c>script</c> of util-linux gives it.</summary>
[Platform("Linux")]
[Parallelizable]
public sealed class TtyTests : CommandFixture
{
    const string HideCursor = "\e[?25l", ShowCursor = "\e[?25h", CtrlC = "\u0003";

    [Test]
    public async Task ARunIsALiveTableThatStaysWhereItEnded()
    {
        var (exit, shown) = await Pretrain(steps: 30, interruptWhen: null);
        Assert.That(exit, Is.Zero, shown);
        Assert.That(shown, Does.Contain("30 of 30").And.Contain("characters/s").And.Contain("lowest").And.Contain("Held out:"));
        Assert.That(shown.LastIndexOf(ShowCursor, StringComparison.Ordinal), Is.GreaterThan(shown.LastIndexOf(HideCursor, StringComparison.Ordinal)));
    }

    [Test]
    public async Task CtrlCLeavesTheTerminalAsItWas()
    {
        var (exit, shown) = await Pretrain(steps: 1_000_000, interruptWhen: "characters/s");
        Assert.That(exit, Is.EqualTo(130), shown);
        Assert.That(shown, Does.Contain("--continue"));
        Assert.That(shown.LastIndexOf(ShowCursor, StringComparison.Ordinal), Is.GreaterThan(shown.LastIndexOf(HideCursor, StringComparison.Ordinal)));
    }

    [Test]
    public async Task WhatIsNoTerminalGetsLinesOfPlainText()
    {
        using var folder = new TempFolder();
        var (exit, output, errors) = await Cli.RunAsync([.. Arguments(folder, steps: 3), "--json"]);
        Assert.That(exit, Is.Zero, errors);
        Assert.That(errors, Does.StartWith("Reading the corpus").And.Not.Contain('\e'));
        Assert.That(() => System.Text.Json.JsonDocument.Parse(output), Throws.Nothing, output);
    }

    static string[] Arguments(TempFolder folder, int steps)
    {
        File.WriteAllLines(folder["text.txt"], Enumerable.Range(0, 80).Select(i => $"line {i} of a text about everything"));
        return
        [
            "pretrain", "char-mask", "--corpus", folder["text.txt"], "--model", folder["m"], "--embedder-options", """{"blocks":1,"filters":8,"globalFilters":4}""",
            "--max-length", "40", "--evaluate-every", "10", "--steps", $"{steps}",
        ];
    }

    static async Task<(int Exit, string Shown)> Pretrain(int steps, string? interruptWhen)
    {
        if (!File.Exists("/usr/bin/script"))
        {
            Assert.Ignore("There is no /usr/bin/script (util-linux) to make a terminal with.");
        }
        using var folder = new TempFolder();
        string[] command = ["dotnet", Cli.App, .. Arguments(folder, steps)];
        var start = new ProcessStartInfo("/usr/bin/script", ["--quiet", "--return", "--command", string.Join(' ', command.Select(word => $"'{word}'")), "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach (var variable in start.Environment.Keys.Except(["PATH", "HOME", "DOTNET_ROOT"]).ToList())
        {
            start.Environment.Remove(variable);     // a build server's would say that nobody is looking
        }
        (start.Environment["TERM"], start.Environment["LANG"]) = ("xterm-256color", "C.UTF-8");
        using var process = Process.Start(start)!;
        var (shown, buffer) = ("", new char[1 << 12]);
        while (await process.StandardOutput.ReadAsync(buffer) is var read and > 0)
        {
            shown += new string(buffer, 0, read);
            if (interruptWhen is not null && shown.Contains(interruptWhen, StringComparison.Ordinal))
            {
                interruptWhen = null;
                await process.StandardInput.WriteAsync(CtrlC);
                await process.StandardInput.FlushAsync();
            }
        }
        await process.WaitForExitAsync();
        return (process.ExitCode, shown);
    }
}
