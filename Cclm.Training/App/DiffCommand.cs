using System.CommandLine;
using Cclm.Export;

namespace Cclm.Training.App;

/// <summary><c>cclm diff</c>: how two models differ, part by part.</summary>
sealed class DiffCommand : Command
{
    readonly Argument<FileInfo> before = new("before") { Description = "A composed .onnx file, or a part." };
    readonly Argument<FileInfo> after = new("after") { Description = "The one to compare it with." };
    readonly Option<bool> markdown = new("--markdown") { Description = "Print markdown, for a report." };
    readonly Option<bool> json = new("--json") { Description = "Print JSON, with every tensor that differs." };
    readonly Terminal terminal;

    public DiffCommand(Terminal terminal) : base("diff",
        """
        Show which parts of two models differ and by how much, and what else does. Parts are compared by their weights and nodes.

        Examples:
          cclm diff model.onnx newer.onnx
          cclm diff model.onnx newer.onnx --markdown > changes.md
        """)
    {
        this.terminal = terminal;
        Add(before);
        Add(after);
        Add(markdown);
        Add(json);
        SetAction(Diff);
    }

    int Diff(ParseResult arguments)
    {
        var diff = ModelDiff.Of(ModelFile.Load(arguments.GetRequiredValue(before)), ModelFile.Load(arguments.GetRequiredValue(after)));
        if (arguments.GetValue(json))
        {
            Terminal.WriteLine(diff.ToJson());
        }
        else if (arguments.GetValue(markdown))
        {
            Console.Out.Write(diff.ToMarkdown());
        }
        else
        {
            Terminal.WriteLine(diff.ToHeadline());
            terminal.WriteTables(diff.ToTables());
        }
        return ExitCode.Success;
    }
}
