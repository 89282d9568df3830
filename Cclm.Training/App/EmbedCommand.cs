using System.CommandLine;
using System.Text;
using Cclm.Inference;

namespace Cclm.Training.App;

/// <summary><c>cclm embed</c>: texts to vectors.</summary>
sealed class EmbedCommand : Command
{
    const int LinesAtOnce = 1024, NumbersShown = 8;

    readonly Argument<FileInfo> model = new("model") { Description = "A composed .onnx file." };
    readonly Argument<string[]> texts = new("text") { Arity = ArgumentArity.ZeroOrMore, Description = "Texts. Default: the lines of standard input." };
    readonly Option<string?> tower = new("--tower") { Description = "Give what this tower says alone." };
    readonly Option<string> provider = new Option<string>("--provider") { DefaultValueFactory = _ => "auto", Description = "Where to run." }.Among(["auto", "cpu", "cuda"]);
    readonly Option<bool> json = new("--json") { Description = "Print one JSON object a line: {\"text\":..,\"embedding\":[..]}." };

    public EmbedCommand() : base("embed",
        """
        Print the vectors of texts.

        Examples:
          cclm embed model.onnx "read lines from a file"
          cclm embed model.onnx --json < texts.txt > vectors.jsonl
        """)
    {
        Add(model);
        Add(texts);
        foreach (var option in (Option[])[tower, provider, json])
        {
            Add(option);
        }
        SetAction((arguments, cancellation) => Task.FromResult(Embed(arguments, cancellation)));
    }

    int Embed(ParseResult arguments, CancellationToken cancellation)
    {
        using var loaded = CclmModel.Load(arguments.GetRequiredValue(model).FullName,
            new() { Provider = Enum.Parse<ExecutionProvider>(arguments.GetRequiredValue(provider), ignoreCase: true) });
        Terminal.Tell($"Running on {loaded.Provider.ToString().ToUpperInvariant()}.");
        var given = arguments.GetRequiredValue(texts);
        if (given.FirstOrDefault(File.Exists) is { } file)
        {
            Terminal.Tell($"note: '{file}' is embedded as a text. The lines of the file of that name are embedded by: cclm embed MODEL < {file}");
        }
        foreach (var some in (given.Length > 0 ? given : StandardInput(cancellation)).Chunk(LinesAtOnce))
        {
            foreach (var (text, vector) in some.Zip(loaded.Embed(some, arguments.GetValue(tower), cancellation)))
            {
                Write(text, vector, arguments.GetValue(json));
            }
        }
        return ExitCode.Success;
    }

    static void Write(string text, float[] vector, bool asJson)
    {
        if (asJson)
        {
            Terminal.WriteJsonLine(new { text, embedding = vector });
        }
        else
        {
            var shown = string.Join(' ', vector.Take(NumbersShown).Select(number => $"{number:F4}"));
            Terminal.WriteLine($"{shown}{(vector.Length > NumbersShown ? $" .. ({vector.Length} numbers)" : "")}  {text}");
        }
    }

    static IEnumerable<string> StandardInput(CancellationToken cancellation)
    {
        using var reader = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(false, throwOnInvalidBytes: true));
        for (var line = 1; ; line++)
        {
            string? text;
            try
            {
                // A read of a terminal can not be cancelled; it is left behind.
                text = Task.Run(reader.ReadLine, cancellation).WaitAsync(cancellation).GetAwaiter().GetResult();
            }
            catch (DecoderFallbackException e)
            {
                throw new InvalidDataException($"Standard input is no UTF-8 near line {line}. Convert it first, for example with 'iconv -f latin1 -t utf-8'.", e);
            }
            if (text is null)
            {
                yield break;
            }
            yield return text;
        }
    }
}
