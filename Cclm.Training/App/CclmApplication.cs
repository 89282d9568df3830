using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cclm.Training.App;

/// <summary>The console app <c>cclm</c>. An application with towers of its own makes one, adds them, and runs it.</summary>
public sealed class CclmApplication
{
    const string Name = "cclm";

    /// <summary>The classes of parts that every command knows.</summary>
    public PartTypes Parts { get; } = new();

    /// <summary>The tasks that every command knows.</summary>
    public TaskTypes Tasks { get; } = new();

    /// <summary>Makes a class of tower known to every command.</summary>
    /// <inheritdoc cref="PartTypes.AddTower"/>
    public CclmApplication AddTower<TTower, TOptions>(string name, Func<Embedder, TOptions, TTower> create)
        where TTower : Tower where TOptions : class
    {
        Parts.AddTower(name, create);
        return this;
    }

    /// <summary>Makes a task known to every command.</summary>
    public CclmApplication AddTask(PretrainingTask task)
    {
        Tasks.Add(task);
        return this;
    }

    /// <summary>Runs one command line.</summary>
    /// <returns>An exit code (<see cref="ExitCode"/>).</returns>
    public async Task<int> RunAsync(params string[] arguments)
    {
        var output = Console.Out;
        Console.SetOut(new StandardOutput(output));
        var builder = Host.CreateEmptyApplicationBuilder(new() { ApplicationName = Name });
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true)
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(Parts).AddSingleton(Tasks).AddSingleton<Terminal>();
        foreach (var command in (ReadOnlySpan<Type>)[typeof(DemoCommand), typeof(NewCommand), typeof(BuildCommand), typeof(PretrainCommand), typeof(FineTuneCommand), typeof(ExportCommand), typeof(ComposeCommand), typeof(DecomposeCommand), typeof(ReplaceCommand), typeof(QuantizeCommand), typeof(EmbedCommand), typeof(InspectCommand), typeof(DiffCommand), typeof(EvaluateCommand), typeof(ShelfCommand)])
        {
            builder.Services.AddSingleton(typeof(Command), command);
        }
        using var host = builder.Build();
        var root = new RootCommand("Composable, character-level models: train towers on your own text, stitch them into one ONNX file, and run it.") { HelpName = Name };
        foreach (var command in host.Services.GetServices<Command>())
        {
            root.Add(command);
        }
        var parsed = root.Parse(arguments);
        try
        {
            if (parsed.Errors.Count > 0)
            {
                return await TellErrors(parsed);
            }
            using var interruption = new Interruption();
            return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, interruption.Token);
        }
        catch (Exception e)
        {
            return Terminal.Fail(e);
        }
        finally
        {
            Console.SetOut(output);
        }
    }

    /// <summary>What is wrong with a command line, and where its options are explained. Where only the command is missing, its commands are shown.</summary>
    static async Task<int> TellErrors(ParseResult parsed)
    {
        var commandIsMissing = parsed.UnmatchedTokens.Count == 0 && parsed.CommandResult.Command.Subcommands.Count > 0;
        if (parsed.Action is ParseErrorAction action)
        {
            action.ShowHelp = commandIsMissing;
        }
        await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, Output = commandIsMissing ? Console.Out : Console.Error });
        if (!commandIsMissing)
        {
            Terminal.Tell($"See '{NameOf(parsed.CommandResult)} --help'.");
        }
        return ExitCode.Usage;
    }

    /// <summary>A command as it is typed: <c>cclm pretrain char-mask</c>.</summary>
    static string NameOf(CommandResult result) => result.Parent is CommandResult parent ? $"{NameOf(parent)} {result.Command.Name}" : Name;
}
