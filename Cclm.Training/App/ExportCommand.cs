using System.CommandLine;

namespace Cclm.Training.App;

/// <summary><c>cclm export</c>: the parts of a model in training as ONNX subgraphs.</summary>
sealed class ExportCommand : Command
{
    readonly Argument<DirectoryInfo> model = new("model") { Description = "Folder that 'cclm pretrain' wrote." };
    readonly Option<DirectoryInfo?> output = new("--output", "-o") { Description = "Folder for the .onnx files. Default: the model's." };
    readonly Option<string[]> towers = new("--towers") { AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [], Description = "Towers to export. Default: all." };
    readonly Option<bool> json = new("--json") { Description = "Print the files as JSON." };

    public ExportCommand(PartTypes parts) : base("export",
        """
        Write the embedder, every tower and every head of a model in training as ONNX subgraphs.

        Example:
          cclm export my-model --output parts
        """)
    {
        Add(model);
        Add(output);
        Add(towers);
        Add(json);
        SetAction(arguments => Export(new(arguments.GetRequiredValue(model).FullName, parts), arguments));
    }

    int Export(ModelFolder folder, ParseResult arguments)
    {
        var target = arguments.GetValue(output)?.FullName ?? folder.Path;
        var files = ExportFolder.Write(folder, target, arguments.GetRequiredValue(towers));
        if (arguments.GetValue(json))
        {
            Terminal.WriteJson(new { files });
        }
        else
        {
            foreach (var file in files)
            {
                Terminal.WriteLine($"Wrote {file} ({new FileInfo(file).Length:N0} bytes).");
            }
        }
        return ExitCode.Success;
    }
}
