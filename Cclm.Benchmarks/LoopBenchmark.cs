using Cclm.Inference;
using Cclm.Training;
using Cclm.Training.Data;
using TorchSharp;

namespace Cclm.Benchmarks;

/// <summary>
/// What a run costs beside its steps: texts read from a compressed file, shuffled, misspelt, masked and batched, with reports and
/// checkpoints, against stepping again and again on one batch held in memory. With <c>--bfloat16</c>, also what that is worth.
/// </summary>
static class LoopBenchmark
{
    const int Rounds = 3, Steps = 120, Length = 128, Texts = 20_000;

    static readonly TrainingOptions Options = new() { Steps = Steps, BatchSize = 32, LearningRate = 1e-4, CheckpointEvery = Steps };

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
            void Whole(TrainingOptions options) => model.Pretrainer.TrainWatched(rows, options, null, new RunFolder(Path.Combine(folder.FullName, $"{run++}")));
            (string Name, Action Act)[] sides =
            [
                ("one batch held in memory", () => model.Step(batch)), ("a run over a compressed file", () => Whole(Options)),
                .. args.Contains("--bfloat16") ? ((string, Action)[])[("the same in bfloat16", () => Whole(Options with { Precision = Precision.BFloat16 }))] : [],
            ];
            var times = Measure.InTurns(Rounds, [.. sides.Select(side => side.Act)]);
            Console.WriteLine($"\n| {Steps} steps on 32 x {Length} characters, 2 embedder blocks of 128 filters, 2 transformer layers | s, median of {Rounds} | ratio to the first, round by round |\n|---|---|---|");
            foreach (var (name, seconds) in sides.Zip(times, (side, seconds) => (side.Name, seconds)))
            {
                var ratios = seconds.Zip(times[0], (time, first) => time / first).ToArray();
                Console.WriteLine($"| {name} | {Measure.Median(seconds):F2} | {Measure.Median(ratios):F3} ({ratios.Min():F3} to {ratios.Max():F3}) |");
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
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
        readonly ConvEmbedder embedder;
        readonly TransformerTower tower;

        public Model(RowSource<string> rows)
        {
            var preprocessor = new Preprocessor(Vocabulary.Fit(rows.Read().Select(row => row.Row)), new() { MaxLength = Length });
            embedder = new(new() { Vocabulary = preprocessor.Vocabulary.Count, MaxLength = Length, Blocks = 2, Filters = 128, GlobalFilters = 32, Dropout = 0 });
            tower = new(embedder, new() { Layers = 2, Heads = 8, FeedForward = 256, Dropout = 0 });
            Pretrainer = new("tower", preprocessor, embedder, tower, new() { Augmentor = Augmentors.Typos(0.1) });
        }

        public CharacterMaskPretrainer Pretrainer { get; }

        public void Step(Batch batch)
        {
            using var optimizer = new FlatParameters(Pretrainer.Modules.SelectMany(part => part.Module.parameters()));
            Pretrainer.SetTraining(true);
            for (var step = 0; step < Steps; step++)
            {
                using var scope = torch.NewDisposeScope();
                optimizer.ZeroGradients();
                Pretrainer.LossOf(batch, smoothing: 0).backward();
                optimizer.Step(Options.LearningRate, Options.WeightDecay, Options.ClipNorm);
            }
        }

        public void Dispose()
        {
            Pretrainer.Dispose();
            tower.Dispose();
            embedder.Dispose();
        }
    }
}
