using System.CommandLine;
using Cclm.Export;

namespace Cclm.Training.App;

/// <summary><c>cclm quantize</c>: a model in fewer bits, where it still says what it said.</summary>
sealed class QuantizeCommand : Command
{
    readonly Argument<FileInfo> model = new("model") { Description = "A composed .onnx file, or an embedder's, which takes ids or text." };
    readonly Option<string> to = new Option<string>("--to") { DefaultValueFactory = _ => PrecisionNames.Word(ModelPrecision.Int8), Description = "Products in 8-bit integers, for CPUs; half precision, for GPUs; or weights alone in 8 bits, for a small file." }.Among(PrecisionNames.Words.Keys);
    readonly Option<FileInfo> output = new("--output", "-o") { Required = true, Description = "The converted .onnx file." };
    readonly Option<double> minCosine = new("--min-cosine") { DefaultValueFactory = _ => new QuantizationLimits().MeanCosine, Description = "The least mean cosine of each output with the original's. With less nothing is written." };
    readonly Option<double> worstCosine = new("--worst-cosine") { DefaultValueFactory = _ => new QuantizationLimits().WorstCosine, Description = "The least cosine of any one text." };
    readonly Option<string[]> keep = new("--keep") { AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [], Description = "Beginnings of the names of weights that stay as they are, such as heads. or embedder.characters." };
    readonly Option<int> atMost = new("--at-most") { DefaultValueFactory = _ => QuantizationTexts.AtMost, Description = "The most texts that the models are compared on." };
    readonly ThreadsOption threads = new("Threads of each model. Default: the machine's cores.");
    readonly Option<bool> json = new("--json") { Description = "Print what was measured as JSON." };
    readonly CorpusArguments texts;
    readonly Terminal terminal;

    public QuantizeCommand(Terminal terminal) : base("quantize",
        """
        Convert a model to fewer bits, compare what both say of texts, and write it only where they agree.

        Examples:
          cclm quantize model.onnx --output model.int8.onnx --texts texts.txt
          cclm quantize model.onnx --to float16 --output model.float16.onnx --texts texts.txt
          cclm quantize model.text.onnx --to int8-weights --output small.onnx --texts texts.txt --min-cosine 0.9999
        """)
    {
        this.terminal = terminal;
        Add(model);
        foreach (var option in (Option[])[to, output, minCosine, worstCosine, keep, atMost, threads, json])
        {
            Add(option);
        }
        texts = new(this, name: "--texts", labels: false);
        SetAction((arguments, cancellation) => Task.FromResult(Quantize(arguments, cancellation)));
    }

    int Quantize(ParseResult arguments, CancellationToken cancellation)
    {
        var (from, file) = (arguments.GetRequiredValue(model).FullName, arguments.GetRequiredValue(output).FullName);
        if (from == file)
        {
            throw new ArgumentException($"{output.Name} is the model itself, which the converted one is made from and compared with. Name another file.");
        }
        var original = OnnxFile.Load(from);
        var options = new QuantizationOptions(PrecisionNames.Words[arguments.GetRequiredValue(to)]) { Keep = arguments.GetRequiredValue(keep) };
        if (options.Keep.FirstOrDefault(beginning => !original.Graph.Initializer.Any(weight => weight.Name.StartsWith(beginning, StringComparison.Ordinal))) is { } stranger)
        {
            throw new ArgumentException($"No weight's name begins with '{stranger}' ({keep.Name}). Leave it out, or begin it with the name of a part: 'cclm inspect' shows them.");
        }
        var limits = new QuantizationLimits
        {
            MeanCosine = Cosine(arguments, minCosine),
            WorstCosine = Cosine(arguments, worstCosine),
            Threads = threads.Of(arguments),
        };
        var compared = QuantizationTexts.Of(texts.Read(arguments), Positive(arguments.GetValue(atMost)), cancellation);
        var (converted, report) = terminal.Progress("Convert and compare", _ => QuantizationGate.Convert(original, options, compared, limits));
        cancellation.ThrowIfCancellationRequested();
        OnnxFile.Save(converted, file);
        if (arguments.GetValue(json))
        {
            Terminal.WriteJson(report);
        }
        else
        {
            Terminal.WriteLine($"Wrote {file}.\n{report}\nCompared on {report.Texts:N0} texts.");
        }
        return ExitCode.Success;
    }

    static double Cosine(ParseResult arguments, Option<double> option) => arguments.GetValue(option) is <= 1 and var cosine ? cosine
        : throw new ArgumentException($"{option.Name} is {arguments.GetValue(option)}; expected a cosine, at most 1, such as 0.999.");

    int Positive(int count) => count >= 1 ? count : throw new ArgumentException($"{atMost.Name} is {count}; expected 1 or more, usually hundreds.");
}
