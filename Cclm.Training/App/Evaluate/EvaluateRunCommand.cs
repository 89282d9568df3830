using System.CommandLine;
using Cclm.Inference;
using Cclm.Training.Premise;

namespace Cclm.Training.App;

/// <summary><c>cclm evaluate run</c>: one model beside baselines on the data sets that are there.</summary>
sealed class EvaluateRunCommand : Command
{
    readonly Option<DirectoryInfo> data = EvaluationArguments.Data();
    readonly Option<DirectoryInfo> model = new Option<DirectoryInfo>("--model", "-m") { Required = true, Description = "What 'cclm build' made: model.onnx, and the model in training in training/." }.AcceptExistingOnly();
    readonly Option<DirectoryInfo> output = new("--output", "-o") { Required = true, Description = "The folder for evaluation.json, evaluation.md and pictures." };
    readonly Option<string[]> only = new Option<string[]>("--only") { AllowMultipleArgumentsPerToken = true, Description = "Some studies only." }.AcceptOnlyFromAmong([.. EvaluationRun.Studies]);
    readonly Option<int[]> labels = new("--labels") { AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [10, 100, 1000, 0], Description = "Labels a class of AG News; 0 for all." };
    readonly Option<int> seeds = new("--seeds") { DefaultValueFactory = _ => 5, Description = "Draws of labels." };
    readonly Option<int> tuned = new("--tuned") { DefaultValueFactory = _ => 3, Description = "Draws of labels for models that are trained as a whole, beside the same from scratch; 0 for none." };
    readonly Option<string> precision = TrainingArguments.PrecisionOption();
    readonly Option<string> fastText = new("--fasttext") { DefaultValueFactory = _ => "fasttext", Description = "fastText's program; left out where it is not there." };
    readonly Option<FileInfo> encoder = new Option<FileInfo>("--encoder") { Description = "Another model of sentences to measure on labels, similarity and search: an .onnx model of texts, or of tokens with its tokenizer.json beside it." }.AcceptExistingOnly();
    readonly Option<bool> alone = new("--no-baselines") { Description = "Measure labels, similarity and search of the model alone, as when models are compared whose baselines are the same." };
    readonly Option<int?> threads = new("--threads") { Description = "Threads that train and measure. Default: the machine's cores." };
    readonly PartTypes parts;
    readonly Terminal terminal;

    public EvaluateRunCommand(PartTypes parts, Terminal terminal) : base("run",
        """
        Measure a model beside baselines: labels, similarity, search, entities.

        Examples:
          cclm evaluate run --model my-model --data data --output results
          cclm evaluate run --model my-model --data data --output results --only ag search --seeds 2
          cclm evaluate run --model my-model --data data --output results --only similarity search --encoder all-MiniLM-L6-v2.onnx
        """)
    {
        (this.parts, this.terminal) = (parts, terminal);
        foreach (var option in (Option[])[data, model, output, only, labels, seeds, tuned, precision, fastText, encoder, alone, threads])
        {
            Add(option);
        }
        SetAction((arguments, cancellation) => Task.FromResult(Run(arguments, cancellation)));
    }

    int Run(ParseResult arguments, CancellationToken cancellation)
    {
        var folder = arguments.GetRequiredValue(model).FullName;
        if (arguments.GetValue(threads) is { } count)
        {
            TorchSharp.torch.set_num_threads(count);
        }
        var composed = Path.Combine(folder, "model.onnx");
        if (!File.Exists(composed))
        {
            throw new FileNotFoundException($"'{folder}' has no model.onnx. Give the folder that 'cclm build' wrote, with model.onnx and training/ in it; of a model that was trained by hand, put what 'cclm compose' wrote there as model.onnx, and the model in training as training/.", composed);
        }
        using var loaded = CclmModel.Load(composed, new() { Threads = arguments.GetValue(threads) ?? Environment.ProcessorCount });
        var other = arguments.GetValue(encoder);
        using var sentences = other is null ? null : OnnxTeacher.Load(other.FullName, new() { Threads = arguments.GetValue(threads) ?? 0 });
        var report = new EvaluationReport(arguments.GetRequiredValue(output).FullName);
        var run = new EvaluationRun(new(arguments.GetRequiredValue(data).FullName), loaded, new(new(Path.Combine(folder, "training"), parts), parts), sentences, cancellation)
        {
            Labels = arguments.GetRequiredValue(labels),
            Seeds = arguments.GetValue(seeds),
            TunedSeeds = arguments.GetValue(tuned),
            Precision = TrainingArguments.PrecisionNamed(arguments.GetRequiredValue(precision)),
            FastText = arguments.GetRequiredValue(fastText),
            Baselines = !arguments.GetValue(alone),
            EncoderName = Path.GetFileNameWithoutExtension(other?.Name) ?? "",
        };
        var measured = new List<Measured>();
        string[] chosen = arguments.GetValue(only) is { Length: > 0 } some ? some : [.. EvaluationRun.Studies];
        foreach (var study in chosen)
        {
            try
            {
                terminal.Progress(study, tell =>
                {
                    foreach (var row in run.Measure(study))
                    {
                        measured.Add(row);
                        tell(0, $"{row.Model}, {row.Noise}: {row.Measure} {row.Mean:F3}");
                    }
                    return measured.Count;
                });
            }
            finally
            {
                report.Write($"cclm {string.Join(' ', arguments.Tokens.Select(token => token.Value))}", measured);      // what is known, should the rest be stopped or fail
            }
        }
        Terminal.WriteLine($"Wrote {report.Tables}.");
        return ExitCode.Success;
    }
}
