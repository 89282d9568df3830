using System.CommandLine;
using Cclm.Inference;

namespace Cclm.Training.App;

/// <summary>The options that say which shelf a command is about.</summary>
sealed class ShelfConnection
{
    readonly Option<string> location = new("--shelf") { Required = true, Description = "A folder, an address with {tag}/{item_type}/{filename}, or git+ and the address of a repository." };

    public Option<string> Tag { get; } = new("--tag") { Required = true, Description = "The shelf's tag, such as v1; in git a tag or branch." };

    public Option<DirectoryInfo?> Cache { get; } = new("--cache") { Description = $"Where fetched items are kept. Default: {ShelfOptions.DefaultCacheDirectory}." };

    public Option<bool> Offline { get; } = new("--offline") { Description = "Use what is in the cache and nothing else." };

    public Option<bool> Json { get; } = new("--json") { Description = "Print the answer as JSON." };

    /// <summary>Adds them to a command, those that not every command has being named.</summary>
    public void AddTo(Command command, params Option[] more)
    {
        foreach (var option in (Option[])[location, Tag, .. more, Json])
        {
            command.Add(option);
        }
    }

    /// <summary>The shelf that a command line names.</summary>
    public Shelf Open(ParseResult arguments)
    {
        var options = new ShelfOptions { Location = arguments.GetRequiredValue(location), Offline = arguments.GetResult(Offline) is not null && arguments.GetValue(Offline) };
        if (arguments.GetResult(Cache) is not null && arguments.GetValue(Cache) is { } cache)
        {
            options.CacheDirectory = cache.FullName;
        }
        return new(options);
    }
}

static class ShelfTerminal
{
    /// <summary>Fetches under a progress bar.</summary>
    public static T Fetch<T>(this Terminal terminal, string title, Func<IProgress<ShelfProgress>, Task<T>> fetch) => terminal.Progress(title, report =>
        fetch(new ImmediateProgress<ShelfProgress>(progress => report(progress.Total is > 0 and var total ? (double)progress.Bytes / total : 0,
            $"{progress.File}  {progress.Bytes:N0} bytes"))).GetAwaiter().GetResult());
}
