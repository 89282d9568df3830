using System.CommandLine;
using Cclm.Export;
using Cclm.Training.Data;
using Spectre.Console;

namespace Cclm.Training.App;

/// <summary><c>cclm inspect</c>: what a model file holds.</summary>
sealed class InspectCommand : Command
{
    readonly Argument<FileInfo> model = new("model") { Description = "Any .onnx or .safetensors file." };
    readonly Option<bool> markdown = new("--markdown") { Description = "Print markdown, for a README or a report." };
    readonly Option<bool> json = new("--json") { Description = "Print JSON." };
    readonly Terminal terminal;

    public InspectCommand(Terminal terminal) : base("inspect",
        """
        Show the parts, shapes, parameters, sizes, operator sets and metadata of a model file, or the tensors of a file of weights.

        Examples:
          cclm inspect model.onnx
          cclm inspect model.onnx --markdown > model-card.md
          cclm inspect model/embedder.safetensors
        """)
    {
        this.terminal = terminal;
        Add(model);
        Add(markdown);
        Add(json);
        SetAction(Inspect);
    }

    int Inspect(ParseResult arguments)
    {
        var path = arguments.GetRequiredValue(model).FullName;
        if (Path.GetExtension(path).Equals(".safetensors", StringComparison.OrdinalIgnoreCase))
        {
            if (arguments.GetValue(markdown))
            {
                throw new ArgumentException("A file of weights has no markdown form; leave --markdown out, or give an .onnx file.");
            }
            Write(WeightsSummary.Of(Safetensors.Read(path)), arguments.GetValue(json));
            return ExitCode.Success;
        }
        var summary = ModelSummary.Of(OnnxFile.Load(path));
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

    void Write(ModelSummary summary)
    {
        Terminal.WriteLine(summary.ToHeadline());
        foreach (var table in summary.ToTables())
        {
            WriteTable(table.Head, table.Rows);
        }
    }

    void Write(WeightsSummary summary, bool asJson)
    {
        if (asJson)
        {
            Terminal.WriteJson(summary);
            return;
        }
        WriteTable(["tensor", "type", "shape", "SHA-256"], summary.Tensors.Select(tensor => (string[])[tensor.Name, tensor.DType, $"[{string.Join(", ", tensor.Shape)}]", tensor.Sha256[..16]]));
        foreach (var (key, value) in summary.Metadata)
        {
            Terminal.WriteLine($"{VisibleText.Of(key)}: {VisibleText.Of(value)}");
        }
    }

    void WriteTable(IEnumerable<string> head, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table().AddColumns([.. head]);
        foreach (var row in rows)
        {
            table.AddRow([.. row.Select(cell => Markup.Escape(VisibleText.Of(cell)))]);
        }
        terminal.Output.Write(table);
    }
}
