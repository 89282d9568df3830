using System.CommandLine;
using Cclm.Inference;
using Spectre.Console;

namespace Cclm.Training.App;

/// <summary><c>cclm shelf</c>: parts of models that others can use.</summary>
sealed class ShelfCommand : Command
{
    readonly ShelfConnection connection = new();
    readonly Terminal terminal;

    public ShelfCommand(PartTypes parts, Terminal terminal) : base("shelf",
        """
        Fetch and publish preprocessors, embedders, towers, heads and composed models.

        A shelf is a folder, a web server that serves one, or a git repository with Git LFS:
          --shelf /srv/shelf
          --shelf https://host/{tag}/{item_type}/{filename}
          --shelf git+https://host/models.git

        Examples:
          cclm shelf list    --shelf /srv/shelf --tag v1
          cclm shelf fetch   topic-1.0.0 --kind tower --shelf /srv/shelf --tag v1 --into my-model
          cclm shelf publish --model my-model --tower topic --version 1.0.0 --licence MIT --shelf /srv/shelf --tag v1
          cclm shelf verify  --shelf /srv/shelf --tag v1
        """)
    {
        this.terminal = terminal;
        Add(List());
        Add(new ShelfFetchCommand(parts, terminal));
        Add(new ShelfPublishCommand(parts));
        Add(Verify());
    }

    Command List()
    {
        var command = new Command("list",
            """
            Show what there is at a tag.

            Example:
              cclm shelf list --shelf /srv/shelf --tag v1
            """);
        connection.AddTo(command, connection.Cache, connection.Offline);
        command.SetAction(async (arguments, cancellation) =>
        {
            using var shelf = connection.Open(arguments);
            Write(await shelf.ListAsync(arguments.GetRequiredValue(connection.Tag), cancellation), arguments);
            return ExitCode.Success;
        });
        return command;
    }

    Command Verify()
    {
        var command = new Command("verify",
            """
            Fetch every item of a tag anew, beside the cache, and check archives, files and hashes.

            Example:
              cclm shelf verify --shelf https://host/{tag}/{item_type}/{filename} --tag v1
            """);
        connection.AddTo(command, connection.Cache);
        command.SetAction((arguments, cancellation) => Task.FromResult(Verify(arguments, cancellation)));
        return command;
    }

    int Verify(ParseResult arguments, CancellationToken cancellation)
    {
        using var shelf = connection.Open(arguments);
        var results = terminal.Fetch("verify", progress => shelf.VerifyAsync(arguments.GetRequiredValue(connection.Tag), progress, cancellation));
        if (arguments.GetValue(connection.Json))
        {
            Terminal.WriteJson(results.Select(result => new { kind = result.Entry.Kind.ItemType, result.Entry.Identifier, result.Problem }));
        }
        else
        {
            foreach (var (entry, problem) in results)
            {
                Terminal.WriteLine($"{(problem is null ? "ok     " : "BROKEN ")}{entry.Kind.ItemType} {entry.Identifier}{(problem is null ? "" : $": {VisibleText.Of(problem)}")}");
            }
        }
        return results.Any(result => result.Problem is not null) ? ExitCode.Failure : ExitCode.Success;
    }

    void Write(IReadOnlyList<ShelfEntry> entries, ParseResult arguments)
    {
        if (arguments.GetValue(connection.Json))
        {
            Terminal.WriteJson(entries.Select(entry => new { kind = entry.Kind.ItemType, entry.Identifier, entry.Licence, entry.Description, entry.Vocabulary, entry.Weights, entry.Size, entry.Sha256 }));
            return;
        }
        var table = new Table().AddColumns("kind", "identifier", "bytes", "licence", "vocabulary", "weights", "description");
        foreach (var entry in entries)
        {
            table.AddRow([.. ((string[])[entry.Kind.ItemType, entry.Identifier, $"{entry.Size:N0}", entry.Licence, entry.Vocabulary[..12], entry.Weights?[..12] ?? "", entry.Description ?? ""]).Select(text => Markup.Escape(VisibleText.Of(text)))]);
        }
        terminal.Output.Write(table);
    }
}
