using System.CommandLine;
using Cclm.Inference;

namespace Cclm.Training.App;

/// <summary><c>cclm shelf fetch</c>: an item into the cache, and into a model in training where one is named.</summary>
sealed class ShelfFetchCommand : Command
{
    readonly ShelfConnection connection = new();
    readonly Argument<string> identifier = new("identifier") { Description = "Name and version, such as topic-1.0.0." };
    readonly Option<string> kind = new Option<string>("--kind") { Required = true, Description = "What it is." }.Among(Enum.GetValues<ComponentKind>().Select(kind => kind.ItemType));
    readonly Option<DirectoryInfo?> into = new("--into") { Description = "A model in training to install it into; a preprocessor or embedder can begin one." };
    readonly PartTypes parts;
    readonly Terminal terminal;

    public ShelfFetchCommand(PartTypes parts, Terminal terminal) : base("fetch",
        """
        Fetch an item, check it, and print where it is. What was begun and broken off goes on.

        Examples:
          cclm shelf fetch base-1.0.0  --kind embedder --shelf /srv/shelf --tag v1 --into my-model
          cclm shelf fetch topic-1.0.0 --kind tower    --shelf /srv/shelf --tag v1 --into my-model
          cclm shelf fetch model-1.0.0 --kind composed --shelf git+https://host/models.git --tag v1
        """)
    {
        (this.parts, this.terminal) = (parts, terminal);
        Add(identifier);
        Add(kind);
        Add(into);
        connection.AddTo(this, connection.Cache, connection.Offline);
        SetAction((arguments, cancellation) => Task.FromResult(Fetch(arguments, cancellation)));
    }

    int Fetch(ParseResult arguments, CancellationToken cancellation)
    {
        using var shelf = connection.Open(arguments);
        var (name, itemType) = (arguments.GetRequiredValue(identifier), Enum.Parse<ComponentKind>(arguments.GetRequiredValue(kind), ignoreCase: true));
        var item = terminal.Fetch($"fetch {name}", progress => shelf.FetchAsync(name, itemType, arguments.GetRequiredValue(connection.Tag), progress: progress, cancellation: cancellation));
        var installed = arguments.GetValue(into) is { } model ? ItemInstaller.Install(item, new(model.FullName, parts)) : [];
        if (arguments.GetValue(connection.Json))
        {
            Terminal.WriteJson(new { folder = item.Folder, files = item.Component.Files.Select(file => file.Path), installed });
            return ExitCode.Success;
        }
        Terminal.WriteLine(item.Folder);
        foreach (var file in installed)
        {
            Terminal.WriteLine($"Wrote {file}.");
        }
        return ExitCode.Success;
    }
}
