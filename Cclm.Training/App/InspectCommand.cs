using System.CommandLine;
using System.Globalization;
using Cclm.Export;
using Cclm.Training.Data;

namespace Cclm.Training.App;

/// <summary><c>cclm inspect</c>: what a model file holds.</summary>
sealed class InspectCommand : Command
{
    readonly Argument<FileInfo> model = new("model") { Description = "Any .onnx or .safetensors file." };
    readonly Option<bool> markdown = new("--markdown") { Description = "Print markdown, for a README or a report." };
    readonly Option<bool> json = new("--json") { Description = "Print JSON." };
    readonly Option<bool> mermaid = new("--mermaid") { Description = "Print a flowchart of the parts in Mermaid, which GitHub draws in markdown." };
    readonly Option<FileInfo?> svg = new("--svg") { Description = "Write a picture of the parts to this file." };
    readonly Option<string?> at = new("--at") { Description = "Estimate the work and the memory of one run at these sizes, batch and length: 32x256." };
    readonly Terminal terminal;

    public InspectCommand(Terminal terminal) : base("inspect",
        """
        Show the parts, shapes, parameters, sizes, operator sets and metadata of a model file, or the tensors of a file of weights.

        Examples:
          cclm inspect model.onnx
          cclm inspect model.onnx --markdown > model-card.md
          cclm inspect model.onnx --svg model.svg
          cclm inspect model.onnx --at 32x256
          cclm inspect model/embedder.safetensors
        """)
    {
        this.terminal = terminal;
        Add(model);
        Add(markdown);
        Add(json);
        Add(mermaid);
        Add(svg);
        Add(at);
        SetAction(Inspect);
    }

    int Inspect(ParseResult arguments)
    {
        var path = arguments.GetRequiredValue(model).FullName;
        if (Path.GetExtension(path).Equals(".safetensors", StringComparison.OrdinalIgnoreCase))
        {
            if (arguments.GetValue(markdown) || arguments.GetValue(mermaid) || arguments.GetValue(svg) is not null || arguments.GetValue(at) is not null)
            {
                throw new ArgumentException("A file of weights has no parts to draw or to run and no markdown form; leave --markdown, --mermaid, --svg and --at out, or give an .onnx file.");
            }
            Write(WeightsSummary.Of(Safetensors.Read(path)), arguments.GetValue(json));
            return ExitCode.Success;
        }
        var loaded = OnnxFile.Load(path);
        if (arguments.GetValue(mermaid))
        {
            Console.Out.Write(ModelDiagram.Of(loaded).ToMermaid());
            return ExitCode.Success;
        }
        if (arguments.GetValue(svg) is { } picture)
        {
            AtomicFile.Write(picture.FullName, ModelDiagram.Of(loaded).ToSvg());
            Terminal.WriteLine($"Wrote {picture.FullName}.");
            return ExitCode.Success;
        }
        var summary = ModelSummary.Of(loaded) with { Cost = arguments.GetValue(at) is { } sizes ? ModelCost.Of(loaded, Sizes(sizes)) : null };
        if (arguments.GetValue(json))
        {
            Terminal.WriteLine(summary.ToJson());
        }
        else if (arguments.GetValue(markdown))
        {
            Console.Out.Write(summary.ToMarkdown());
        }
        else
        {
            Write(summary);
        }
        return ExitCode.Success;
    }

    static long[] Sizes(string text) => text.Split('x') is var words && words.All(word => long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        ? [.. words.Select(word => long.Parse(word, CultureInfo.InvariantCulture))]
        : throw new ArgumentException($"--at is '{text}'; expected numbers with an x between them, such as 32x256 for a batch of 32 texts of 256 characters.");

    void Write(ModelSummary summary)
    {
        Terminal.WriteLine(summary.ToHeadline());
        terminal.WriteTables(summary.ToTables());
    }

    void Write(WeightsSummary summary, bool asJson)
    {
        if (asJson)
        {
            Terminal.WriteJson(summary);
            return;
        }
        terminal.WriteTables([new(["tensor", "type", "shape", "SHA-256"],
            [.. summary.Tensors.Select(tensor => (string[])[tensor.Name, tensor.DType, $"[{string.Join(", ", tensor.Shape)}]", tensor.Sha256[..16]])])]);
        foreach (var (key, value) in summary.Metadata)
        {
            Terminal.WriteLine($"{VisibleText.Of(key)}: {VisibleText.Of(value)}");
        }
    }
}
