using System.CommandLine;
using Cclm.Inference;
using Cclm.Training.Premise;

namespace Cclm.Training.App;

/// <summary><c>cclm evaluate run</c>: one model beside baselines on the data sets that are there.</summary>
sealed class EvaluateRunCommand : Command
{
    readonly Option<DirectoryInfo> data = EvaluationArguments.Data();
    readonly Option<FileSystemInfo> model = new Option<FileSystemInfo>("--model", "-m") { Required = true, Description = "What 'cclm build' made, a folder with model.onnx and the model in training in training/; or a composed .onnx model, for what its vectors tell." }.AcceptExistingOnly();
    readonly Option<DirectoryInfo> output = new("--output", "-o") { Required = true, Description = "The folder for evaluation.json, evaluation.md and pictures." };
    readonly Option<string[]> only = new Option<string[]>("--only") { AllowMultipleArgumentsPerToken = true, Description = "Some studies only." }.AcceptOnlyFromAmong([.. EvaluationRun.Studies.Keys]);
    readonly Option<int[]> labels = new("--labels") { AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [10, 100, 1000, 0], Description = "Labels a class of AG News; 0 for all. A class that has fewer gives all it has." };
    readonly Option<int> seeds = new("--seeds") { DefaultValueFactory = _ => 5, Description = "Draws of labels." };
    readonly Option<int> tuned = new("--tuned") { DefaultValueFactory = _ => 3, Description = "Draws for models that are trained as a whole, of entities and of 100 labels a class, beside the same from scratch; 0 for none. Of more labels there is one." };
    readonly Option<string> precision = TrainingArguments.PrecisionOption();
    readonly Option<string> fastText = new("--fasttext") { DefaultValueFactory = _ => "fasttext", Description = "fastText's program; left out where it is not there." };
    readonly Option<FileInfo> fastTextTexts = new Option<FileInfo>("--fasttext-texts") { Description = "Texts, one a line, that fastText learns vectors of words from for one more row: the texts.txt of 'evaluate texts'." }.AcceptExistingOnly();
    readonly Option<FileInfo> encoder = new Option<FileInfo>("--encoder") { Description = "Another model of sentences to measure on labels, similarity and search: an .onnx model of texts, or of tokens with its tokenizer.json beside it." }.AcceptExistingOnly();
    readonly Option<bool> alone = new("--no-baselines") { Description = "Measure labels, similarity and search of the model alone, as when models are compared whose baselines are the same." };
    readonly ThreadsOption threads = new("Threads that train and embed; linear models and search take all cores. Default: the machine's cores.");
    readonly Option<bool> replace = new("--replace") { Description = "Write over what was measured before." };
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
        foreach (var option in (Option[])[data, model, output, only, labels, seeds, tuned, precision, fastText, fastTextTexts, encoder, alone, threads, replace])
        {
            Add(option);
        }
        SetAction((arguments, cancellation) => Task.FromResult(Run(arguments, cancellation)));
    }

    int Run(ParseResult arguments, CancellationToken cancellation)
    {
        var report = new EvaluationReport(arguments.GetRequiredValue(output).FullName);
        if (report.Exists && !arguments.GetValue(replace))
        {
            throw new IOException($"'{report.Tables}' is there already, and measuring takes long. Choose another {output.Name}, or pass {replace.Name}.");
        }
        var (composed, training) = Files(arguments.GetRequiredValue(model));
        var named = arguments.GetValue(only) ?? [];
        string[] studies = training is null ? WithoutTraining(named) : named.Length > 0 ? named : [.. EvaluationRun.Studies.Keys];
        var cores = threads.Of(arguments);
        TorchSharp.torch.set_num_threads(cores);
        using var loaded = CclmModel.Load(composed, new() { Threads = cores });
        var other = arguments.GetValue(encoder);
        using var sentences = other is null ? null : OnnxTeacher.Load(other.FullName, new() { Threads = cores });
        var run = new EvaluationRun(new(arguments.GetRequiredValue(data).FullName), loaded, new(() => new(new(training!, parts), parts)), sentences, cancellation)
        {
            Labels = [.. arguments.GetRequiredValue(labels).Select(count => AtLeast(0, count, labels)).Distinct()],
            Seeds = AtLeast(1, arguments.GetValue(seeds), seeds),
            TunedSeeds = AtLeast(0, arguments.GetValue(tuned), tuned),
            Precision = TrainingArguments.PrecisionNamed(arguments.GetRequiredValue(precision)),
            FastText = arguments.GetRequiredValue(fastText),
            FastTextTexts = arguments.GetValue(fastTextTexts)?.FullName,
            Baselines = !arguments.GetValue(alone),
            EncoderName = other?.Name ?? "",
        };
        return Measure(run, studies, report, $"cclm {string.Join(' ', arguments.Tokens.Select(token => token.Value))}", cancellation);
    }

    int Measure(EvaluationRun run, IReadOnlyList<string> studies, EvaluationReport report, string command, CancellationToken cancellation)
    {
        var measured = new List<Measured>();
        foreach (var study in studies)
        {
            var before = measured.Count;
            try
            {
                terminal.Progress(study, tell =>
                {
                    foreach (var row in run.Measure(study))
                    {
                        measured.Add(row);
                        tell(0, $"{row.Model}, {row.Noise}: {row.Measure} {row.Mean:F3}");
                        cancellation.ThrowIfCancellationRequested();
                    }
                    return measured.Count;
                });
            }
            finally
            {
                if (measured.Count > before)
                {
                    report.Write(command, measured);      // what is known, should the rest be stopped or fail
                }
            }
            if (measured.Count == before)
            {
                Terminal.Tell($"warning: '{study}' was left out; it needs {EvaluationRun.Studies[study]}, which is not there or is empty.");
            }
        }
        if (measured.Count == 0)
        {
            throw new InvalidDataException("Nothing was measured. docs/evaluation.md says how the folder of the data sets is laid out.");
        }
        Terminal.WriteLine($"Wrote {report.Tables}.");
        return ExitCode.Success;
    }

    /// <summary>The studies that were named, or else all, of a composed model, which can not be trained.</summary>
    static string[] WithoutTraining(string[] named)
    {
        const string Why = "A composed model can not be trained or asked for what comes next. Give the folder that 'cclm build' wrote";
        if (named.Length > 0)
        {
            return named.FirstOrDefault(EvaluationRun.TrainingStudies.Contains) is not { } study ? named : throw new ArgumentException($"'{study}' needs the model in training. {Why}, or name other studies (--only).");
        }
        Terminal.Tell($"warning: {string.Join(", ", EvaluationRun.TrainingStudies.Select(study => $"'{study}'"))} are left out; they need the model in training. {Why} to measure them.");
        return [.. EvaluationRun.Studies.Keys.Except(EvaluationRun.TrainingStudies)];
    }

    /// <summary>The composed model, and the folder where it is in training, if there is one.</summary>
    static (string Composed, string? Training) Files(FileSystemInfo model)
    {
        if (model is FileInfo)
        {
            return (model.FullName, null);
        }
        var composed = Path.Combine(model.FullName, "model.onnx");
        return File.Exists(composed) ? (composed, Path.Combine(model.FullName, "training"))
            : throw new FileNotFoundException($"'{model.FullName}' has no model.onnx. Give the folder that 'cclm build' wrote, with model.onnx and training/ in it, or a composed .onnx model.", composed);
    }

    static int AtLeast(int least, int value, Option option) => value >= least ? value : throw new ArgumentException($"{option.Name} is {value}; expected {least} or more.");
}
