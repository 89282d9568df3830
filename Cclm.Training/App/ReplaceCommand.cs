using System.CommandLine;
using Cclm.Export;

namespace Cclm.Training.App;

/// <summary><c>cclm replace</c>: another tower in a composed model.</summary>
sealed class ReplaceCommand : Command
{
    readonly Argument<FileInfo> model = new("model") { Description = "A composed .onnx file." };
    readonly Argument<string> tower = new("tower") { Description = "The name of the tower to replace; the new one has it from then on." };
    readonly Argument<FileInfo> replacement = new("replacement") { Description = "The new tower's .onnx file." };
    readonly Option<FileInfo> output = new("--output", "-o") { Required = true, Description = "The .onnx file to write." };
    readonly Option<bool> allowOtherEmbedder = new("--allow-other-embedder") { Description = "Take a tower that was trained on another embedder, and heads that were trained on the old tower." };
    readonly Option<bool> json = new("--json") { Description = "Print what was composed as JSON." };

    public ReplaceCommand() : base("replace",
        """
        Put another tower in the place of one of a composed model. Every other tower's part of the output stays as it is, bit for bit.

        Example:
          cclm replace model.onnx topic parts/towers/topic.onnx --output newer.onnx
        """)
    {
        Add(model);
        Add(tower);
        Add(replacement);
        foreach (var option in (Option[])[output, allowOtherEmbedder, json])
        {
            Add(option);
        }
        SetAction(Replace);
    }

    int Replace(ParseResult arguments)
    {
        var replaced = Decomposer.Replace(ModelFile.Load(arguments.GetRequiredValue(model)), arguments.GetRequiredValue(tower),
            ModelFile.Load(arguments.GetRequiredValue(replacement)), arguments.GetValue(allowOtherEmbedder));
        ComposeCommand.Save(replaced, arguments.GetRequiredValue(output).FullName, arguments.GetValue(json));
        return ExitCode.Success;
    }
}
