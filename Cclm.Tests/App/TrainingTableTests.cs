using Cclm.Training;
using Cclm.Training.App;
using NUnit.Framework;
using Spectre.Console;

namespace Cclm.Tests.App;

public sealed class TrainingTableTests
{
    [TestCase(200)]
    [TestCase(100)]
    public void ARunIsShownByItsNumbers(int width)
    {
        var shown = Show(width, unicode: true, Report(250, 3.25), Report(500, 1.5) with { HeldOut = new(1.75, 80, new Measure("accuracy", 0.625)) }, Report(750, 1.25) with { HeldOut = new(2, 80, new Measure("accuracy", 0.5)) });
        foreach (var expected in (string[])["a title [of] its own", "750 of 1,000", "━━━━╌╌╌╌", "1.2500  █▂▁", "loss 2.0000, accuracy 50.0", "at step 750", "lowest 1.7500 at 500", "9.50e-4", "123,456", "2,147 MB", "1:02:05, 0:42 left"])
        {
            Assert.That(shown, Does.Contain(expected));
        }
        Assert.That(shown.Split('\n'), Has.All.Length.LessThanOrEqualTo(width));
    }

    [TestCase(40)]
    [TestCase(12)]
    public void ANarrowTerminalIsNoError(int width) => Assert.That(Show(width, unicode: true, Report(10, 1)).Split('\n'), Has.All.Length.LessThanOrEqualTo(width));

    [Test]
    public void ATerminalOfLettersAloneGetsNoOthers() => Assert.That(Show(100, unicode: false, Report(250, 3), Report(500, 2)), Does.Contain("=====.....").And.All.LessThanOrEqualTo('~'));

    [Test]
    public void BeforeTheFirstReportItSaysSo() => Assert.That(Show(100, unicode: true), Does.Contain("the first steps are under way"));

    [Test]
    public void TheLastReportIsAlwaysShown()
    {
        var table = new TrainingTable("run", unicode: true);
        Assert.That(table.Add(Report(1, 1)), Is.True, "The first is.");
        Assert.That(table.Add(Report(1000, 1)), Is.True, "So is the last, however soon it comes.");
    }

    static string Show(int width, bool unicode, params TrainingProgress[] reports)
    {
        var table = new TrainingTable("a title [of] its own", unicode);
        Array.ForEach(reports, report => table.Add(report));
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new() { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
        (console.Profile.Width, console.Profile.Capabilities.Unicode) = (width, unicode);
        console.Write(table.Draw());
        return output.ToString();
    }

    static TrainingProgress Report(int step, double loss) =>
        new(step, 1000, loss, 9.5e-4, 123456.4, new(1, 2, 5), TimeSpan.FromSeconds(42), 1L << 31, null);
}
