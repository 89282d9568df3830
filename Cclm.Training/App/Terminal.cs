using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Cclm.Export;
using Cclm.Inference;
using Spectre.Console;

namespace Cclm.Training.App;

/// <summary>What the app says: answers on standard output, everything else on standard error, so that a script can read the answers.</summary>
public sealed class Terminal
{
    /// <summary>Any script stays as it is: the output is JSON in UTF-8, not a part of HTML.</summary>
    static readonly JsonSerializerOptions JsonLine = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    static readonly JsonSerializerOptions Json = new(JsonLine) { WriteIndented = true };

    /// <summary>For answers that are tables.</summary>
    public IAnsiConsole Output { get; } = Wide(AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Out) }), Console.IsOutputRedirected);

    /// <summary>For progress.</summary>
    public IAnsiConsole Messages { get; } = Wide(AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) }), Console.IsErrorRedirected);

    /// <summary>Whether what <see cref="Messages"/> shows can change in place.</summary>
    public bool IsInteractive => Messages.Profile.Capabilities.Interactive && !Console.IsErrorRedirected;

    /// <summary>Puts back what a live display hides, for an end that does not come to its own.</summary>
    public static void ShowCursor()
    {
        if (!Console.IsErrorRedirected)
        {
            Console.Error.Write("\e[?25h");
        }
    }

    /// <summary>One line of an answer.</summary>
    public static void WriteLine(string line = "") => Console.Out.WriteLine(line);

    /// <summary>Lines of a message, in which no text that it quotes can act on the terminal.</summary>
    public static void Tell(string lines) => Console.Error.WriteLine(string.Join('\n', lines.Split('\n').Select(VisibleText.Of)));

    /// <summary>Tables as an answer, in which no text that they quote can act on the terminal.</summary>
    public void WriteTables(IEnumerable<SummaryTable> tables)
    {
        foreach (var shown in tables)
        {
            var table = new Table().AddColumns([.. shown.Head]);
            foreach (var row in shown.Rows)
            {
                table.AddRow([.. row.Select(cell => Markup.Escape(VisibleText.Of(cell)))]);
            }
            Output.Write(table);
        }
    }

    /// <summary>An answer as JSON.</summary>
    public static void WriteJson(object answer) => Console.Out.WriteLine(JsonSerializer.Serialize(answer, Json));

    /// <summary>One of many answers as JSON on a line of its own.</summary>
    public static void WriteJsonLine(object answer) => Console.Out.WriteLine(JsonSerializer.Serialize(answer, JsonLine));

    /// <summary>Does a piece of work under a progress bar, or with a line at its start and its end where there is no terminal.</summary>
    /// <param name="title">What is done.</param>
    /// <param name="work">Told how far it is: a share from 0 to 1, and a few words.</param>
    public T Progress<T>(string title, Func<Action<double, string>, T> work)
    {
        if (!IsInteractive)
        {
            return InLines(title, work);
        }
        return Messages.Progress().HideCompleted(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(progress =>
            {
                var task = progress.AddTask(Markup.Escape(title), maxValue: 1);
                var result = work((share, words) =>
                {
                    task.Value = share;
                    task.Description = Markup.Escape($"{title}  {words}");
                });
                task.Value = 1;
                return result;
            });
    }

    /// <summary>Says why a command failed, without a stack trace.</summary>
    /// <returns>The exit code.</returns>
    public static int Fail(Exception exception)
    {
        switch (exception)
        {
            case OperationCanceledException:
                Tell("Interrupted.");
                return ExitCode.Interrupted;
            case ArgumentException or InvalidDataException or IOException or UnauthorizedAccessException or NotSupportedException or TrainingException or CclmModelException or OnnxModelException or InvalidOperationException:
                Tell($"error: {Message(exception)}");
                return ExitCode.Failure;
            case ExternalException:     // libtorch's own, whose message is a line of its words and then a native stack
                Tell($"error: {exception.Message.Split('\n')[0]} (from libtorch; sizes that are too large for this machine end so)");
                Trace(exception);
                return ExitCode.Failure;
            case TypeInitializationException { TypeName: "TorchSharp.torch" }:
                Tell("error: libtorch is missing or can not be loaded. Reference libtorch-cpu-linux-x64 (or another platform's), or TorchSharp-cuda-linux, in the application's project.");
                return ExitCode.Failure;
            default:
                Tell($"error: {exception.GetType().Name}: {exception.Message}");
                Tell("This is a defect of cclm itself. Please report it with the command that you ran; CCLM_TRACE=1 shows where it happened.");
                Trace(exception);
                return ExitCode.Defect;
        }
    }

    static void Trace(Exception exception)
    {
        if (Environment.GetEnvironmentVariable("CCLM_TRACE") == "1")
        {
            Tell(exception.ToString());
        }
    }

    /// <summary>.NET puts a parameter's name behind the message of an argument error; a user of the app has no parameters.</summary>
    internal static string Message(Exception exception) => exception is ArgumentException { ParamName: { } name }
        ? exception.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal)
        : exception.Message;

    static T InLines<T>(string title, Func<Action<double, string>, T> work)
    {
        var (clock, next) = (System.Diagnostics.Stopwatch.StartNew(), TimeSpan.FromSeconds(10));
        Tell(title);
        var result = work((share, words) =>
        {
            if (clock.Elapsed >= next)
            {
                Tell($"  {share:P0}  {words}");
                next = clock.Elapsed + TimeSpan.FromSeconds(10);
            }
        });
        Tell($"  {clock.Elapsed.TotalSeconds:F0} s");
        return result;
    }

    /// <summary>Where output goes to a file or a pipe, a table is not cut to 80 columns.</summary>
    static IAnsiConsole Wide(IAnsiConsole console, bool redirected)
    {
        if (redirected)
        {
            console.Profile.Width = 200;
        }
        return console;
    }
}
