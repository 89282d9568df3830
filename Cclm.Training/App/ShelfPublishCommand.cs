using System.CommandLine;
using System.Globalization;
using Cclm.Inference;

namespace Cclm.Training.App;

/// <summary><c>cclm shelf publish</c>: parts of a model in training, or a composed model, onto a shelf.</summary>
sealed class ShelfPublishCommand : Command
{
    readonly ShelfConnection connection = new();
    readonly Option<DirectoryInfo?> model = new("--model", "-m") { Description = "Folder of the model in training that the parts are of." };
    readonly Option<bool> preprocessor = new("--preprocessor") { Description = "Publish its preprocessor, named by --name." };
    readonly Option<bool> embedder = new("--embedder") { Description = "Publish its embedder, named by --name." };
    readonly Option<string[]> towers = Several("--tower", "Publish these towers of it.");
    readonly Option<string[]> heads = Several("--head", "Publish the heads that these towers were trained with.");
    readonly Option<FileInfo?> composed = new("--composed") { Description = "Publish a composed .onnx file, named by --name." };
    readonly Option<string?> name = new("--name", "-n") { Description = "Name of a preprocessor, embedder or composed model: lower-case letters, digits and underscores." };
    readonly Option<string> version = new("--version") { Required = true, Description = "Such as 1.0.0." };
    readonly Option<string> licence = new("--licence", "--license") { Required = true, Description = "What others may do with it, as an SPDX expression such as MIT." };
    readonly Option<string?> description = new("--description") { Description = "A few words for whoever looks for it." };
    readonly Option<string?> data = new("--data") { Description = "What it was trained on, in words." };
    readonly Option<string[]> metrics = Several("--metric", "What was measured, such as accuracy=0.91.");
    readonly PartTypes parts;

    public ShelfPublishCommand(PartTypes parts) : base("publish",
        """
        Pack parts of a model and put them on a shelf, all or none. What was published stays: changes need another version.

        Examples:
          cclm shelf publish --model my-model --embedder --name base --tower topic --version 1.0.0 --licence MIT --shelf /srv/shelf --tag v1
          cclm shelf publish --composed model.onnx --name search --version 1.0.0 --licence MIT --shelf git+ssh://git@host/models.git --tag v2
        """)
    {
        this.parts = parts;
        foreach (var option in (Option[])[model, preprocessor, embedder, towers, heads, composed, name, version, licence, description, data, metrics])
        {
            Add(option);
        }
        connection.AddTo(this);
        SetAction(Publish);
    }

    async Task<int> Publish(ParseResult arguments, CancellationToken cancellation)
    {
        using var shelf = connection.Open(arguments);
        var beside = Directory.CreateTempSubdirectory("cclm-shelf-");
        try
        {
            var published = await shelf.PublishAsync(Pack(arguments, beside.FullName), arguments.GetRequiredValue(connection.Tag), cancellation);
            if (arguments.GetValue(connection.Json))
            {
                Terminal.WriteJson(published.Select(entry => new { kind = entry.Kind.ItemType, entry.Identifier, entry.Size, entry.Sha256 }));
                return ExitCode.Success;
            }
            foreach (var entry in published)
            {
                Terminal.WriteLine($"Published {entry.Kind.ItemType} {entry.Identifier} ({entry.Size:N0} bytes).");
            }
            return ExitCode.Success;
        }
        finally
        {
            beside.Delete(recursive: true);
        }
    }

    List<string> Pack(ParseResult arguments, string folder)
    {
        var packer = new ItemPacker(folder, new()
        {
            Version = arguments.GetRequiredValue(version),
            Licence = arguments.GetRequiredValue(licence),
            Description = arguments.GetValue(description),
            Data = arguments.GetValue(data),
            Metrics = arguments.GetRequiredValue(metrics).Select(Metric).ToDictionary(),
        });
        List<string> items = [];
        if (arguments.GetValue(preprocessor))
        {
            items.Add(packer.Preprocessor(ModelOf(arguments), NameOf(arguments)));
        }
        if (arguments.GetValue(embedder))
        {
            items.Add(packer.Embedder(ModelOf(arguments), NameOf(arguments)));
        }
        items.AddRange(arguments.GetRequiredValue(towers).Select(tower => packer.Tower(ModelOf(arguments), tower)));
        items.AddRange(arguments.GetRequiredValue(heads).Select(head => packer.Head(ModelOf(arguments), head)));
        if (arguments.GetValue(composed) is { } file)
        {
            items.Add(packer.Composed(file.FullName, NameOf(arguments)));
        }
        return items.Count > 0 ? items
            : throw new ArgumentException($"Nothing is named to publish. Pass {preprocessor.Name}, {embedder.Name}, {towers.Name}, {heads.Name} or {composed.Name}.");
    }

    ModelFolder ModelOf(ParseResult arguments) => arguments.GetValue(model) is { } folder ? new(folder.FullName, parts)
        : throw new ArgumentException($"{model.Name} is missing; expected the folder of the model in training that the parts are of.");

    string NameOf(ParseResult arguments) => arguments.GetValue(name)
        ?? throw new ArgumentException($"{name.Name} is missing; expected a name for the preprocessor, embedder or composed model, such as 'base'.");

    static (string, double) Metric(string text) => text.Split('=') is [var metric, var value] && metric.Length > 0
        && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
        ? (metric, number)
        : throw new ArgumentException($"'{text}' is no metric; expected a name and a number, such as accuracy=0.91.");

    static Option<string[]> Several(string name, string description) =>
        new(name) { AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [], Description = description };
}
