using System.Diagnostics;
using Cclm.Inference;
using Cclm.Training;
using Cclm.Training.Data;

namespace Cclm.Benchmarks;

/// <summary>
/// What a run costs beside its steps: texts read from a compressed file, shuffled, misspelt, masked, batched and reported on,
/// against stepping again and again on one batch held in memory. With <c>--bfloat16</c>, also what that is worth.
/// </summary>
/// <remarks>
/// Both are timed in the same short spans of steps, whose median leaves out what the machine did besides. Opening the file, the
/// first checkpoint and the last are outside of the spans.
/// </remarks>
static class LoopBenchmark
{
    const int Rounds = 6, Steps = 110, Span = 10, Length = 128, Texts = 20_000;

    static readonly TrainingOptions Options = new() { Steps = Steps, ReportEvery = Span, BatchSize = 32, LearningRate = 1e-4, CheckpointEvery = Steps };

    public static void Run(string[] args)
    {
        var folder = Directory.CreateTempSubdirectory("cclm-benchmark-");
        try
        {
            var corpus = Path.Combine(folder.FullName, "corpus.jsonl.gz");
            WriteTexts(corpus);
            var rows = Corpus.Open(new() { Paths = [corpus] });
            using var model = new Model(rows);
            var batch = Batch.Of([.. rows.Read().Take(Options.BatchSize).Select(row => model.Pretrainer.Example(row.Row, new Random(1)))]);

            var run = 0;
            void Whole(TrainingOptions options, Action<int> done) =>
                model.Pretrainer.Train(rows, options, folder: new(Path.Combine(folder.FullName, $"{run++}")), progress: new Reported(report => done(report.Step)));
            (string Name, Action<Action<int>> Act)[] sides =
            [
                ("one batch held in memory", done => model.Step(batch, done)), ("a run over a compressed file", done => Whole(Options, done)),
                .. args.Contains("--bfloat16") ? ((string, Action<Action<int>>)[])[("the same in bfloat16", done => Whole(Options with { Precision = Precision.BFloat16 }, done))] : [],
            ];
            var spans = sides.Select(_ => new List<double>[Rounds]).ToArray();
            for (var round = 0; round < Rounds; round++)
            {
                for (var side = 0; side < sides.Length; side++)
                {
                    spans[side][round] = SpansOf(sides[side].Act);
                }
            }
            Console.WriteLine($"\n| steps on 32 x {Length} characters, 2 embedder blocks of 128 filters, 2 transformer layers | ms a step, median of {Rounds * (Steps / Span - 1)} spans of {Span} | ratio to the first (round by round) |\n|---|---|---|");
            foreach (var (side, times) in sides.Zip(spans))
            {
                var ratios = times.Zip(spans[0], (mine, first) => Measure.Median(mine) / Measure.Median(first)).ToArray();
                var ratio = Measure.Median(times.SelectMany(time => time)) / Measure.Median(spans[0].SelectMany(time => time));
                Console.WriteLine($"| {side.Name} | {Measure.Median(times.SelectMany(time => time)) / Span * 1000:F1} | {ratio:F3} ({ratios.Min():F3} to {ratios.Max():F3}) |");
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Seconds of each span but the first, in which buffers are made.</summary>
    static List<double> SpansOf(Action<Action<int>> act)
    {
        var ends = new List<double>();
        var clock = Stopwatch.StartNew();
        act(step =>
        {
            if (step % Span == 0)
            {
                ends.Add(clock.Elapsed.TotalSeconds);
            }
        });
        return [.. ends.Zip(ends.Skip(1), (from, to) => to - from)];
    }

    /// <summary>Texts of one length, so that every batch costs the same.</summary>
    static void WriteTexts(string path)
    {
        using var file = new StreamWriter(new System.IO.Compression.GZipStream(File.Create(path), System.IO.Compression.CompressionLevel.Fastest));
        var text = string.Join(' ', ApiDocumentation.Read().Take(Texts).Select(member => member.Summary));
        for (var i = 0; i < Texts; i++)
        {
            file.WriteLine(System.Text.Json.JsonSerializer.Serialize(new { text = text.Substring(i * 41 % (text.Length - Length), Length - 1) }));
        }
    }

    /// <summary>The model, and a loop that is nothing but steps.</summary>
    sealed class Model : IDisposable
    {
        readonly RowSource<string> rows;
        readonly ConvEmbedder embedder;
        readonly TransformerTower tower;

        public Model(RowSource<string> rows)
        {
            this.rows = rows;
            var preprocessor = new Preprocessor(Vocabulary.Fit(rows.Read().Select(row => row.Row)), new() { MaxLength = Length });
            embedder = new(new() { Vocabulary = preprocessor.Vocabulary.Count, MaxLength = Length, Blocks = 2, Filters = 128, GlobalFilters = 32, Dropout = 0 });
            tower = new(embedder, new() { Layers = 2, Heads = 8, FeedForward = 256, Dropout = 0 });
            Pretrainer = new("tower", preprocessor, embedder, tower, new() { Augmentor = Augmentors.Typos(0.1) });
        }

        public CharacterMaskPretrainer Pretrainer { get; }

        public void Step(Batch batch, Action<int> done) => BareSteps.Train(Pretrainer, rows, batch, Options, done);

        public void Dispose()
        {
            Pretrainer.Dispose();
            tower.Dispose();
            embedder.Dispose();
        }
    }
}
