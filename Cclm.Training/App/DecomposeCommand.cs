using System.CommandLine;
using Cclm.Export;

namespace Cclm.Training.App;

/// <summary><c>cclm decompose</c>: a composed model to the parts that it was made of.</summary>
sealed class DecomposeCommand : Command
{
    readonly Argument<FileInfo> model = new("model") { Description = "A composed .onnx file." };
    readonly Option<DirectoryInfo> output = new("--output", "-o") { Required = true, Description = "Folder for preprocessor.json, embedder.onnx, towers/*.onnx and heads/*.onnx, as 'cclm compose' reads it." };
    readonly Option<bool> json = new("--json") { Description = "Print the files, and how to compose them again, as JSON." };

    public DecomposeCommand() : base("decompose",
        """
        Take a composed model apart into the files that it was composed of, the same to the byte, and say how to compose them again.

        Example:
          cclm decompose model.onnx --output parts
        """)
    {
        Add(model);
        Add(output);
        Add(json);
        SetAction(Decompose);
    }

    int Decompose(ParseResult arguments)
    {
        var folder = arguments.GetRequiredValue(output).FullName;
        var parts = Decomposer.Decompose(ModelFile.Load(arguments.GetRequiredValue(model)));
        var files = ExportFolder.Write(parts, folder);
        var compose = ComposeCommand.For(parts);
        if (arguments.GetValue(json))
        {
            Terminal.WriteJson(new { files, compose });
            return ExitCode.Success;
        }
        foreach (var written in files)
        {
            Terminal.WriteLine($"Wrote {written} ({new FileInfo(written).Length:N0} bytes).");
        }
        Terminal.WriteLine(compose is null ? "It was composed with options that 'cclm compose' does not have." : $"Compose again: cclm compose {string.Join(' ', ["PARTS", .. compose, "--output", "MODEL"])}");
        return ExitCode.Success;
    }
}
