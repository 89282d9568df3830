using System.CommandLine;
using Cclm.Export;
using Onnx;

namespace Cclm.Training.App;

/// <summary><c>cclm compose</c>: exported parts to one model.</summary>
sealed class ComposeCommand : Command
{
    const string NoPooling = "none";

    static readonly Dictionary<string, Pooling?> Poolings = new()
    {
        ["mean_max"] = Pooling.MeanMax,
        ["mean"] = Pooling.Mean,
        ["max"] = Pooling.Max,
        ["cls"] = Pooling.Cls,
        [NoPooling] = null,
    };

    readonly Argument<DirectoryInfo> parts = new("parts") { Description = "Folder with embedder.onnx, towers/*.onnx and heads/*.onnx, as 'cclm export' writes it." };
    readonly Option<FileInfo> output = new("--output", "-o") { Required = true, Description = "The composed .onnx file." };
    readonly Option<string[]> towers = new("--towers") { AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [], Description = "Towers, in the order of their slices. Default: all, by name." };
    readonly Option<string[]> heads = new("--heads") { AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [], Description = "Heads that answer from the towers, each in an output logits_NAME. Default: none." };
    readonly Option<string> pooling = new Option<string>("--pooling") { DefaultValueFactory = _ => "mean_max", Description = "How a text's positions become one vector." }.Among(Poolings.Keys);
    readonly Option<bool> textIn = new("--text-in") { Description = "Take strings instead of ids, so that any language with ONNX Runtime can run the file." };
    readonly Option<bool> allowOtherEmbedder = new("--allow-other-embedder") { Description = "Take towers that were trained on another embedder." };
    readonly Option<bool> json = new("--json") { Description = "Print what was composed as JSON." };

    public ComposeCommand() : base("compose",
        """
        Stitch an embedder and its towers to one ONNX file that runs the embedder once.

        Examples:
          cclm compose parts --output model.onnx
          cclm compose parts --output model.text.onnx --towers topic char_mask --text-in
          cclm compose tuned --output model.onnx --heads sentiment
        """)
    {
        Add(parts);
        foreach (var option in (Option[])[output, towers, heads, pooling, textIn, allowOtherEmbedder, json])
        {
            Add(option);
        }
        SetAction(Compose);
    }

    int Compose(ParseResult arguments)
    {
        var composed = ExportFolder.Compose(arguments.GetRequiredValue(parts).FullName, arguments.GetRequiredValue(towers), arguments.GetRequiredValue(heads), new()
        {
            Pooling = Poolings[arguments.GetRequiredValue(pooling)] is { } chosen ? new(chosen) : null,
            AllowOtherEmbedder = arguments.GetValue(allowOtherEmbedder),
        });
        var model = arguments.GetValue(textIn) ? TextInput.Prepend(composed) : composed;
        Save(model, arguments.GetRequiredValue(output).FullName, arguments.GetValue(json));
        return ExitCode.Success;
    }

    /// <summary>Writes a composed model and says of what it is.</summary>
    public static void Save(ModelProto model, string file, bool asJson)
    {
        OnnxFile.Save(model, file);
        if (asJson)
        {
            Terminal.WriteLine(ModelSummary.Of(model).ToJson());
            return;
        }
        var composedOf = string.Join(", ", ModelSummary.Of(model).Parts.Select(part => part.Kind is "tower" or "head" ? $"{part.Kind} {part.Name}" : part.Name));
        Terminal.WriteLine($"Wrote {file}: {composedOf} ({new FileInfo(file).Length:N0} bytes).");
    }

    /// <summary>The options with which the command composes parts as they were composed; null where it has no such pooling.</summary>
    public static IReadOnlyList<string>? For(Decomposition parts)
    {
        var pooled = Poolings.FirstOrDefault(known => parts.Options.Pooling is null ? known.Value is null : known.Value is { } pooling && parts.Options.Pooling == new PoolingOptions(pooling)).Key;
        return pooled is null ? null :
        [
            "--towers", .. parts.Towers.Select(tower => tower.Name),
            .. parts.Options.Heads.Count > 0 ? ["--heads", .. parts.Options.Heads.Select(head => head.Name)] : (string[])[],
            "--pooling", pooled, .. parts.TextIn ? ["--text-in"] : (string[])[], .. parts.Options.AllowOtherEmbedder ? ["--allow-other-embedder"] : (string[])[],
        ];
    }
}
