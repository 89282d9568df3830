using System.CommandLine;
using Cclm.Export;
using Spectre.Console;

namespace Cclm.Training.App;

/// <summary><c>cclm inspect</c>: what a model file holds.</summary>
sealed class InspectCommand : Command
{
    readonly Argument<FileInfo> model = new("model") { Description = "Any .onnx file." };
    readonly Option<bool> markdown = new("--markdown") { Description = "Print markdown, for a README or a report." };
    readonly Option<bool> json = new("--json") { Description = "Print JSON." };
    readonly Terminal terminal;

    public InspectCommand(Terminal terminal) : base("inspect",
        """
        Show the parts, shapes, parameters, sizes, operator sets and metadata of a model file.

        Examples:
          cclm inspect model.onnx
          cclm inspect model.onnx --markdown > model-card.md
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
        var summary = ModelSummary.Of(OnnxFile.Load(arguments.GetRequiredValue(model).FullName));
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
            var shown = new Table().AddColumns([.. table.Head]);
            foreach (var row in table.Rows)
            {
                shown.AddRow([.. row.Select(Markup.Escape)]);
            }
            terminal.Output.Write(shown);
        }
    }
}
