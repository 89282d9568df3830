using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Cclm.Inference;
using Cclm.Training;
using Cclm.Training.Data;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Cclm.Tests.Training;

[Parallelizable]
public sealed class WatchedTrainingTests : TorchFixture
{
    const string Hostile = "</script><img src=x onerror=f()>&lt;<!";

    static readonly string[] Texts = [.. Enumerable.Range(0, 60).Select(i => $"the {i % 7}th line of text number {i}")];

    /// <summary>Text that is markup, of both directions, with controls, a character off the first plane, half of one, and none.</summary>
    static readonly string[] HeldOut = [Hostile, "\u202Eevil\u202C \u05E9\u05DC\u05D5\u05DD \u0645\u0631\u062D\u0628\u0627", "a\0b\u0007\u001B[2J\u007F\u0085c", "\U0001F600 \uFFFE\uFDD0", "\uD83D half", "'\"`"];

    static readonly TrainingOptions Options = new() { Steps = 30, BatchSize = 4, ReportEvery = 5, EvaluateEvery = 10, CheckpointEvery = 7 };

    [Test]
    public void WatchingChangesNoBitOfWhatIsLearned()
    {
        using var folder = new TempFolder();
        using Run plain = new(), watched = new();
        var losses = plain.Pretrainer.Train(RowSource.Of(Texts), Options, HeldOut).Losses;
        Assert.That(watched.Train(new(folder["run"]), Options).Losses, Is.EqualTo(losses));
        Assert.That(watched.Tower.WeightsHash(), Is.EqualTo(plain.Tower.WeightsHash()));
    }

    [Test]
    public void ARunThatWasStoppedAndGoneOnWithLeavesOneRecord()
    {
        using var folder = new TempFolder();
        var run = new RunFolder(folder["run"]);
        List<TrainingProgress> reported = [];
        using (var first = new Run())
        {
            using var stop = new CancellationTokenSource();
            first.Train(run, Options, new Listener(progress =>
            {
                if (progress.Step == 20)
                {
                    stop.Cancel();
                }
            }), cancellation: stop.Token);
        }
        Assert.That(Page(run).QuerySelector("h1 + p")!.TextContent, Does.StartWith("Interrupted at step 20 of 30"));
        foreach (var file in Directory.GetFiles(folder["run/checkpoints"], "step-*").Order(StringComparer.Ordinal).Skip(1))
        {
            File.Delete(file);      // as after a kill: the records are ahead of the newest checkpoint
        }
        File.AppendAllText(run.MetricsFile, "{\"step\":25,\"lo");
        using (var second = new Run())
        {
            second.Train(run, Options, new Listener(reported.Add));
        }
        Assert.That(reported[0].Step, Is.EqualTo(15), "The run was gone on from step 14.");
        Assert.That(RunLog.Read(run.MetricsFile).Select(report => report.Step), Is.EqualTo(new[] { 5, 10, 15, 20, 25, 30 }));
        Assert.That(RunLog.Read(run.MetricsFile).Skip(2), Is.EqualTo(reported.Select(RunMetrics.Of)));
        Assert.That(Events(run).Where(value => value.Tag == "loss/training").Select(value => value.Step), Is.EqualTo(new[] { 5, 10, 15, 20, 25, 30 }));
    }

    [Test]
    public void AFreshRunKeepsNoRecordOfAnother()
    {
        using var folder = new TempFolder();
        var run = new RunFolder(folder["run"]);
        using (var first = new Run())
        {
            first.Train(run, Options with { ReportEvery = 1 });
        }
        Directory.Delete(folder["run/checkpoints"], recursive: true);
        using var second = new Run();
        second.Train(run, Options);
        Assert.That(RunLog.Read(run.MetricsFile).Select(report => report.Step), Is.EqualTo(new[] { 5, 10, 15, 20, 25, 30 }));
        Assert.That(Events(run).Count(value => value.Tag == "loss/training"), Is.EqualTo(6));
    }

    [Test]
    public void EventFilesHoldWhatWasReported()
    {
        using var folder = new TempFolder();
        var run = new RunFolder(folder["run"]);
        using var trained = new Run();
        trained.Train(run, Options);
        var (reports, events) = (RunLog.Read(run.MetricsFile), Events(run));
        foreach (var (tag, expected) in (ReadOnlySpan<(string, IEnumerable<(int, double)>)>)
            [("loss/training", reports.Select(report => (report.Step, report.Loss))),
             ("learning_rate", reports.Select(report => (report.Step, report.LearningRate))),
             ("characters_per_second", reports.Select(report => (report.Step, report.CharactersPerSecond))),
             ("loss/held_out", reports.Where(report => report.HeldOut is not null).Select(report => (report.Step, report.HeldOut!.Loss))),
             ("accuracy/held_out", reports.Where(report => report.HeldOut is not null).Select(report => (report.Step, report.HeldOut!["accuracy"])))])
        {
            Assert.That(events.Where(value => value.Tag == tag).Select(value => (value.Step, value.Scalar)), Is.EqualTo(expected.Select(pair => ((long)pair.Item1, (float?)pair.Item2))), tag);
        }
        Assert.That(events.Select(value => DateTimeOffset.FromUnixTimeSeconds((long)value.Time)), Has.All.EqualTo(DateTimeOffset.UtcNow).Within(TimeSpan.FromHours(1)));
        Assert.That(events.Where(value => value.Text is not null).Select(value => (value.Tag, value.Step)),
            Is.EqualTo(new[] { ("samples/while_training/text_summary", 10L), ("samples/while_training/text_summary", 20), ("samples/while_training/text_summary", 30), ("samples/at_the_end/text_summary", 30) }));
        Assert.That(events[^1].Text!.TrimEnd().Split('\n'), Has.All.StartsWith("    "), "Markdown shows what is indented as it is.");
        Assert.That(events[^1].Text, Does.Contain("</script>").And.Contain("␀"));
    }

    [Test]
    public void TheReportHoldsWhatWasMeasured()
    {
        using var folder = new TempFolder();
        var run = new RunFolder(folder["run"]);
        using var trained = new Run();
        trained.Pretrainer.Freeze(Parts.Embedder);
        var result = trained.Train(run, Options);
        var (page, reports) = (Page(run), RunLog.Read(run.MetricsFile));
        Assert.That(page.QuerySelector("h1")!.TextContent, Is.EqualTo("letters"));
        Assert.That(page.QuerySelector("h1 + p")!.TextContent, Is.EqualTo($"Completed: all 30 steps. The weights of step {result.BestStep} were kept, the best on held-out rows."));
        var table = page.QuerySelectorAll("details tbody tr").Select(row => row.Children.Select(cell => cell.TextContent).ToList()).ToList();
        Assert.That(table.Select(row => int.Parse(row[0])), Is.EqualTo(reports.Select(report => report.Step)));
        Assert.That(table.Select(row => double.Parse(row[1])), Is.EqualTo(reports.Select(report => report.Loss)).Within(6e-5));
        Assert.That(table.Where(row => row[2] != "").Select(row => double.Parse(row[2])), Is.EqualTo(reports.Where(report => report.HeldOut is not null).Select(report => report.HeldOut!.Loss)).Within(6e-5));
        Assert.That(Pairs(page, "Held out, of the weights kept").Single(), Does.StartWith($"loss {reports.Min(report => report.HeldOut?.Loss):0.####}, accuracy"));
        foreach (var option in typeof(TrainingOptions).GetProperties())
        {
            Assert.That(Pairs(page, option.Name), Does.Contain($"{option.GetValue(Options)}"));
        }
        Assert.That(page.QuerySelectorAll("td").Select(cell => cell.TextContent), Does.Contain($"{trained.Tower.parameters().Sum(weight => weight.numel()):N0}").And.Contain("kept as it is"));
        Assert.That(Pairs(page, "TorchSharp and libtorch").Single(), Does.Contain(__version__));
        Assert.That(page.QuerySelectorAll("svg").Select(svg => svg.GetAttribute("role")), Is.EqualTo(new[] { "img", "img", "img", "img" }));
        Assert.That(page.QuerySelectorAll("svg").Select(svg => page.GetElementById(svg.GetAttribute("aria-labelledby")!)!.TextContent), Has.All.Contain("by step"));
        Assert.That(page.QuerySelectorAll("[id]").Select(element => element.Id), Is.Unique);
    }

    [Test]
    public void SamplesAreShownAsTheyAreWhateverTheyHold()
    {
        using var folder = new TempFolder();
        var run = new RunFolder(folder["run"]);
        using var trained = new Run();
        trained.Train(run, Options);
        var shown = Page(run).QuerySelectorAll("bdi").Select(text => text.TextContent).ToList();
        Assert.That(shown, Has.Count.EqualTo(3 * HeldOut.Length));
        Assert.That(shown, Does.Contain(Hostile).And.Contain(HeldOut[1]).And.Contain("a␀b␇␛[2J␡\uFFFDc").And.Contain("\U0001F600 \uFFFD\uFFFD").And.Contain("\uFFFD half").And.Contain(HeldOut[5]));
    }

    [Test]
    public void AReportIsOneFileThatLoadsAndRunsNothing()
    {
        using var folder = new TempFolder();
        var run = new RunFolder(folder["run"]);
        using var trained = new Run();
        trained.Train(run, Options);
        var page = Page(run);
        Assert.That(page.QuerySelectorAll("script, link, img, iframe, object, embed, base, form"), Is.Empty);
        foreach (var attribute in page.All.SelectMany(element => element.Attributes))
        {
            Assert.That(attribute.Name, Is.Not.AnyOf("src", "href", "srcset", "data", "action").And.Not.StartsWith("on"));
            Assert.That(attribute.Value.Replace("url(#", "", StringComparison.Ordinal), Does.Not.Contain("url("));
        }
        Assert.That(page.QuerySelector("style")!.TextContent, Does.Not.Contain("url(").And.Not.Contain("@import"));
        Assert.That(page.QuerySelector("meta[http-equiv]")!.GetAttribute("content"), Does.StartWith("default-src 'none'"));
    }

    [Test]
    public void ARunThatCouldNotGoOnIsReportedOn()
    {
        using var folder = new TempFolder();
        var run = new RunFolder(folder["run"]);
        using var trained = new Run();
        var error = Assert.Throws<TrainingException>(() => trained.Train(run, Options with { Steps = 500, ReportEvery = 1, EvaluateEvery = 0, LearningRate = 9, Warmup = 0, ClipNorm = 1e9 }))!;
        Assert.That(Page(run).QuerySelector("h1 + p")!.TextContent, Is.EqualTo(error.Message));
    }

    [TestCase("metrics.jsonl")]
    [TestCase("report.html")]
    public void ARecordThatCanNotBeWrittenIsToldOfAndEndsNoRun(string record)
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder[$"run/{record}/in the way"]);
        List<string> warnings = [];
        using var trained = new Run();
        var result = trained.Train(new(folder["run"]), Options, warn: warnings.Add);
        Assert.That((result.End, result.Steps), Is.EqualTo((RunEnd.Completed, 30)));
        Assert.That(warnings.Single(), Does.Contain(record));
    }

    [Test]
    public void AFullDiskEndsTheRunWithItsFileNamedAndTheLastCheckpointWhole()
    {
        using var disk = SmallDisk.Mount(1024);
        var run = new RunFolder(Path.Combine(disk.Path, "run"));
        using (var trained = new Run())
        {
            var filled = new Listener(progress =>
            {
                if (progress.Step == 10)
                {
                    Fill(Path.Combine(disk.Path, "filling"));
                }
            });
            Assert.That(() => trained.Train(run, Options, filled), Throws.InstanceOf<IOException>().With.Message.Contains(disk.Path).And.Message.Contains("ake room"));
        }
        File.Delete(Path.Combine(disk.Path, "filling"));
        using var again = new Run();
        Assert.That(again.Train(run, Options).End, Is.EqualTo(RunEnd.Completed));
        Assert.That(RunLog.Read(run.MetricsFile).Select(report => report.Step), Is.EqualTo(new[] { 5, 10, 15, 20, 25, 30 }));
    }

    static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var bytes = new byte[512];
        try
        {
            while (true)
            {
                file.Write(bytes);
            }
        }
        catch (IOException)
        {
        }
    }

    static List<LoggedValue> Events(RunFolder run) => [.. Directory.GetFiles(run.Path, "events.out.tfevents.*").Order(StringComparer.Ordinal).SelectMany(EventFile.Read)];

    /// <summary>The page as a browser has it; anything that is not valid HTML is an error.</summary>
    static IDocument Page(RunFolder run) => new HtmlParser(new() { IsStrictMode = true }).ParseDocument(File.ReadAllText(run.ReportFile));

    static IEnumerable<string> Pairs(IDocument page, string name) => page.QuerySelectorAll("th[scope=row]").Where(header => header.TextContent == name).Select(header => header.NextElementSibling!.TextContent);

    sealed class Run : IDisposable
    {
        static readonly Preprocessor Preprocessor = new(Vocabulary.Fit([SmallParts.Characters, .. Texts, .. HeldOut]), SmallParts.Preprocessor.Options);

        readonly ConvEmbedder embedder;

        public Run()
        {
            random.manual_seed(1);
            embedder = new(SmallParts.EmbedderOptions with { Vocabulary = Preprocessor.Vocabulary.Count });
            Tower = SmallParts.Tower(embedder);
            Pretrainer = new("letters", Preprocessor, embedder, Tower);
        }

        public TransformerTower Tower { get; }

        public CharacterMaskPretrainer Pretrainer { get; }

        public TrainingResult Train(RunFolder folder, TrainingOptions options, IProgress<TrainingProgress>? progress = null, Action<string>? warn = null, CancellationToken cancellation = default) =>
            Pretrainer.TrainWatched(RowSource.Of(Texts), options, HeldOut, folder, progress, warn, cancellation);

        public void Dispose()
        {
            Pretrainer.Dispose();
            Tower.Dispose();
            embedder.Dispose();
        }
    }

    sealed class Listener(Action<TrainingProgress> tell) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => tell(value);
    }
}
