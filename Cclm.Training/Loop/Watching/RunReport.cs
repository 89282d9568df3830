using System.Globalization;
using System.Text;
using System.Xml.Linq;
using OxyPlot;

namespace Cclm.Training;

/// <summary>A part that was in a run.</summary>
/// <param name="Name">Embedder, tower or head.</param>
/// <param name="Weights">How many it has.</param>
/// <param name="Trained">False where it was kept as it is.</param>
sealed record RunPart(string Name, long Weights, bool Trained);

/// <summary>A run on one page of HTML, which needs nothing else: no network, no script.</summary>
/// <remarks>The page is built as a tree of elements, so that no text, whatever it holds, is taken for markup.</remarks>
sealed record RunReport
{
    const int MostRows = 200, MostPoints = 400;     // of the table and a curve; all reports are in metrics.jsonl

    public required string Name { get; init; }

    /// <summary>How the run ended, in a sentence.</summary>
    public required string End { get; init; }

    /// <summary>What was learned, in words.</summary>
    public required string Learned { get; init; }

    public required IReadOnlyList<RunPart> Parts { get; init; }

    public required TrainingOptions Options { get; init; }

    public required IReadOnlyList<RunMetrics> Metrics { get; init; }

    /// <summary>Of the weights that were kept.</summary>
    public required Evaluation? HeldOut { get; init; }

    public required IReadOnlyList<Sample> Samples { get; init; }

    IReadOnlyList<RunMetrics> Measured => [.. Metrics.Where(report => report.HeldOut is not null)];

    public string ToHtml() => "<!DOCTYPE html>\n" + new XElement("html", new XAttribute("lang", "en"),
        new XElement("head",
            new XElement("meta", new XAttribute("charset", "utf-8")),
            new XElement("meta", new XAttribute("name", "viewport"), new XAttribute("content", "width=device-width, initial-scale=1")),
            new XElement("meta", new XAttribute("http-equiv", "Content-Security-Policy"), new XAttribute("content", "default-src 'none'; style-src 'unsafe-inline'")),
            new XElement("title", $"{Name}: training report"),
            new XElement("style", ReportPage.Style)),
        new XElement("body", new XElement("main",
            new XElement("h1", Name),
            new XElement("p", VisibleText.Of(End)),
            ReportPage.Pairs(Result()),
            Curves(),
            SampleTable(),
            Section("What was trained", new XElement("p", VisibleText.Of($"Answers: {Learned}.")),
                ReportPage.Table(["Part", "Weights", ""], Parts.Select(part => (string[])[part.Name, $"{part.Weights:N0}", part.Trained ? "trained" : "kept as it is"]))),
            Section("Settings", ReportPage.Pairs(typeof(TrainingOptions).GetProperties().Select(option => (option.Name, Convert.ToString(option.GetValue(Options), CultureInfo.InvariantCulture)!)))),
            Section("Environment", ReportPage.Pairs(RunEnvironment.Describe()))))).ToString(SaveOptions.DisableFormatting) + "\n";

    IEnumerable<(string Name, string Value)> Result()
    {
        if (Metrics is [.., var last])
        {
            yield return ("Steps", $"{last.Step:N0} of {Options.Steps:N0}");
            yield return ("Time", $"{TimeSpan.FromSeconds(Math.Round(last.Seconds)):c}");
            yield return ("Last loss", Number(last.Loss));
            yield return ("Most memory", $"{Metrics.Max(report => report.Memory) / 1e6:N0} MB");
        }
        if (Measured.MinBy(report => report.HeldOut!.Loss) is { } best)
        {
            yield return ("Lowest held-out loss", $"{Number(best.HeldOut!.Loss)} at step {best.Step:N0}");
        }
        if (HeldOut is not null)
        {
            yield return ("Held out, of the weights kept", $"loss {Number(HeldOut.Loss)}, {string.Join(", ", HeldOut.Measures)} of {HeldOut.Count:N0}");
        }
    }

    XElement Curves()
    {
        if (Metrics is not [var first, .., var last])
        {
            return Section("Curves", new XElement("p", "The run ended before its second report."));
        }
        return Section("Curves",
            Figure("Loss", $"Loss by step: from {Number(first.Loss)} to {Number(last.Loss)}, {Number(Metrics.Min(report => report.Loss))} at the lowest.",
                new("training", Points(Metrics, report => report.Loss)), new("held out", Points(Measured, report => report.HeldOut!.Loss))),
            Measured is not [.., { HeldOut.Main: var main }] ? null : Figure($"Held-out {main.Name}", $"Held-out {main.Name} by step: {main.Shown} at the last measurement.",
                new RunCurve(main.Name, Points(Measured, report => report.HeldOut!.Main.Value))),
            Figure("Learning rate", $"Learning rate by step: {Number(Metrics.Max(report => report.LearningRate))} at the highest.",
                new RunCurve("learning rate", Points(Metrics, report => report.LearningRate))),
            Figure("Characters per second", $"Characters per second by step: {last.CharactersPerSecond:N0} at the end.",
                new RunCurve("characters per second", Points(Metrics, report => report.CharactersPerSecond))),
            new XElement("details", new XElement("summary", "The numbers behind the curves"), MetricsTable()));
    }

    XElement MetricsTable() => ReportPage.Table(["Step", "Loss", "Held-out loss", $"Held-out {(Measured is [var any, ..] ? any.HeldOut!.Main.Name : "metric")}", "Learning rate", "Characters per second", "Seconds", "Memory, MB"],
        Thinned(Metrics).Union(Thinned(Measured)).OrderBy(report => report.Step).Select(report => (string[])
        [
            $"{report.Step:N0}", Number(report.Loss), report.HeldOut is { } measured ? Number(measured.Loss) : "", report.HeldOut is { } right ? right.Main.Shown : "",
            Number(report.LearningRate), $"{report.CharactersPerSecond:N0}", $"{report.Seconds:N0}", $"{report.Memory / 1e6:N0}",
        ]));

    XElement? SampleTable() => Samples.Count == 0 ? null : Section("Samples",
        new XElement("p", "What the model answers now; marked is what was not expected. \u2588 is a masked character, \uFFFD one that the model does not know."),
        ReportPage.Table(["Read", "Expected", "Answered"], Samples.Select(sample => (object[])
            [ReportPage.Quote(VisibleText.Of(sample.Read)), ReportPage.Quote(VisibleText.Of(sample.Expected)), ReportPage.Quote(Marked(VisibleText.Of(sample.Answered), VisibleText.Of(sample.Expected)))])));

    /// <summary>The answer with what differs from the expected text in <c>mark</c>, character by character where they are of one length.</summary>
    static IEnumerable<object> Marked(string answered, string expected)
    {
        var (said, right) = ((Rune[])[.. answered.EnumerateRunes()], (Rune[])[.. expected.EnumerateRunes()]);
        if (said.Length != right.Length)
        {
            return [new XElement("mark", answered)];
        }
        var runs = new List<(bool Wrong, StringBuilder Text)>();
        foreach (var (character, meant) in said.Zip(right))
        {
            if (runs.Count == 0 || runs[^1].Wrong != (character != meant))
            {
                runs.Add((character != meant, new()));
            }
            runs[^1].Text.Append(character);
        }
        return runs.Select(run => run.Wrong ? (object)new XElement("mark", run.Text.ToString()) : run.Text.ToString());
    }

    static XElement Section(string title, params object?[] content) => new("section", new XElement("h2", title), content);

    static XElement Figure(string title, string words, params IReadOnlyList<RunCurve> curves) =>
        new("figure", new XElement("figcaption", title), RunChart.Draw($"chart-{title.ToLowerInvariant().Replace(' ', '-')}", words, curves));

    /// <summary>A point is a report, or in a long run the mean of some, which shows more than the band that their noise would fill.</summary>
    static IReadOnlyList<DataPoint> Points(IReadOnlyList<RunMetrics> reports, Func<RunMetrics, double> value) =>
        [.. reports.Chunk(1 + reports.Count / MostPoints).Select(some => new DataPoint(some.Average(report => report.Step), some.Average(value)))];

    static IEnumerable<RunMetrics> Thinned(IReadOnlyList<RunMetrics> reports) => reports.Where((_, i) => i % (1 + reports.Count / MostRows) == 0 || i == reports.Count - 1);

    static string Number(double value) => value.ToString(Math.Abs(value) is >= 0.001 and < 10_000 ? "0.####" : "0.###e+0", CultureInfo.InvariantCulture);
}
