using System.CommandLine;

namespace Cclm.Training.App;

/// <summary><c>cclm demo</c>: the whole path on the .NET API documentation.</summary>
sealed class DemoCommand : Command
{
    readonly Option<DirectoryInfo> output = new("--output", "-o") { DefaultValueFactory = _ => new(Path.Combine("artifacts", "demo")), Description = "Folder for the files." };
    readonly Option<FileInfo?> corpus = new("--corpus", "-c") { Description = "UTF-8 lines of label, tab, text, in place of the .NET API documentation." };
    readonly Option<FileInfo?> model = new("--model", "-m") { Description = "Search with a composed .onnx file that is there, and train nothing." };
    readonly Option<bool> interactive = new("--interactive", "-i") { Description = "Take queries from the keyboard afterwards." };
    readonly Option<bool> json = new("--json") { Description = "Print the result as JSON." };
    readonly PartTypes parts;
    readonly Terminal terminal;

    public DemoCommand(PartTypes parts, Terminal terminal) : base("demo",
        """
        Train two towers on the .NET API documentation, stitch them into one ONNX file, and search the documentation with it. Takes about three minutes.

        Examples:
          cclm demo
          cclm demo --interactive --output my-demo
          cclm demo --model model.onnx
        """)
    {
        (this.parts, this.terminal) = (parts, terminal);
        foreach (var option in (Option[])[output, corpus, model, interactive, json])
        {
            Add(option);
        }
        SetAction((arguments, cancellation) => Task.FromResult(Run(arguments, cancellation)));
    }

    int Run(ParseResult arguments, CancellationToken cancellation)
    {
        var texts = arguments.GetValue(corpus) is { } file ? DemoTexts.FromFile(file.FullName) : DemoTexts.FromApiDocumentation();
        using var demo = new Demo(arguments.GetRequiredValue(output).FullName, texts, parts, terminal);
        if (arguments.GetValue(model) is { } made)
        {
            Show(demo.Use(made.FullName, cancellation), arguments.GetValue(json), searches =>
            {
                foreach (var search in searches)
                {
                    DemoReport.Write(terminal.Output, search);
                }
            });
        }
        else
        {
            Terminal.Tell("The demo trains two towers, stitches them and searches with them. It takes about three minutes on two cores.");
            Show(demo.Run(cancellation), arguments.GetValue(json), result => DemoReport.Write(terminal.Output, result));
        }
        while (arguments.GetValue(interactive) && !cancellation.IsCancellationRequested)
        {
            Console.Error.Write("query (empty to end): ");
            if (Task.Run(Console.ReadLine, cancellation).WaitAsync(cancellation).GetAwaiter().GetResult() is not { Length: > 0 } query)
            {
                break;
            }
            DemoReport.Write(terminal.Output, demo.Search(query));
        }
        return ExitCode.Success;
    }

    static void Show<T>(T result, bool json, Action<T> write) where T : notnull
    {
        if (json)
        {
            Terminal.WriteJson(result);
        }
        else
        {
            write(result);
        }
    }
}
