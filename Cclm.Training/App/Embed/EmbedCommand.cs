using System.CommandLine;
using System.CommandLine.Parsing;
using Cclm.Inference;

namespace Cclm.Training.App;

/// <summary><c>cclm embed</c>: texts to vectors.</summary>
sealed class EmbedCommand : Command
{
    readonly Argument<FileInfo> model = new("model") { Description = "A composed .onnx file." };
    readonly Argument<string[]> texts = new("text") { Arity = ArgumentArity.ZeroOrMore, Description = "Texts, printed with their vectors. Default: the lines of standard input." };
    readonly Option<string?> tower = new("--tower") { Description = "Give what this tower says alone." };
    readonly Option<string> provider = new Option<string>("--provider") { DefaultValueFactory = _ => "auto", Description = "Where to run." }.Among(["auto", "cpu", "cuda"]);
    readonly Option<int> batchCharacters = new("--batch-characters") { DefaultValueFactory = _ => 2_048, Description = "The most characters of a batch, padding among them; on a GPU give more, such as 32768." };
    readonly Option<string> longText = new Option<string>("--long-text") { DefaultValueFactory = _ => "truncate", Description = "Texts that are longer than the model reads: by their beginnings, as an error, or in pieces that overlap." }.Among(["truncate", "error", "chunk"]);
    readonly Option<int?> chunkOverlap = new("--chunk-overlap") { Description = $"With --long-text chunk: the characters that a piece has in common with the one before it. Default: {new CclmModelOptions().ChunkOverlap}." };
    readonly Option<bool> json = new("--json") { Description = "Print one JSON object a line: {\"text\":..,\"embedding\":[..]}; with --output, what was made as JSON." };
    readonly Option<string?> output = new("--output", "-o") { Description = "Write the vectors of files to a file: .parquet, .jsonl or .npy. A job that was stopped goes on where it was." };
    readonly Option<string?> idColumn = new("--id-column") { Description = "A column to write beside the vectors: a name, a path or a number from 1." };
    readonly Option<bool> withText = new("--with-text") { Description = "Write the texts beside the vectors." };
    readonly Option<string?> shard = new("--shard") { Description = "Embed one part of the rows, such as 3/8 (counted from 1), into a file of its own; auto: as the Slurm array or the indexed job of Kubernetes says." };
    readonly Option<bool> replace = new("--replace") { Description = "Replace what is there." };
    readonly CorpusArguments input;
    readonly Terminal terminal;

    public EmbedCommand(Terminal terminal) : base("embed",
        """
        Print the vectors of texts, or write those of whole files to a file.

        Examples:
          cclm embed model.onnx "read lines from a file"
          cclm embed model.onnx --json < texts.txt > vectors.jsonl
          cclm embed model.onnx --input texts.txt --output vectors.npy
          cclm embed model.onnx --input 'data/*.jsonl.zst' --text-column body --id-column url --output vectors.parquet
          cclm embed model.onnx --input data --output vectors.parquet --shard 3/8
        """)
    {
        this.terminal = terminal;
        Add(model);
        Add(texts);
        foreach (var option in (Option[])[tower, provider, batchCharacters, longText, chunkOverlap, json, output, idColumn, withText, shard, replace])
        {
            Add(option);
        }
        input = new(this, required: false, "--input", labels: false);
        SetAction((arguments, cancellation) => Task.FromResult(arguments.GetValue(output) is null ? EmbedTexts(arguments, cancellation) : EmbedFiles(arguments, cancellation)));
    }

    int EmbedFiles(ParseResult arguments, CancellationToken cancellation)
    {
        if (arguments.GetRequiredValue(texts) is [var text, ..])
        {
            throw new ArgumentException($"'{text}' would be embedded as a text, and {output.Name} is for the rows of files. Name files with --input.");
        }
        var job = new FileEmbedding(arguments.GetRequiredValue(model).FullName, OptionsOf(arguments), arguments.GetValue(tower), input.Read(arguments),
            arguments.GetRequiredValue(output)!, arguments.GetValue(shard) is { } part ? Shard.Parse(part, Environment.GetEnvironmentVariable) : null,
            arguments.GetValue(idColumn), arguments.GetValue(withText), arguments.GetValue(replace));
        try
        {
            Tell(job.Run(terminal, cancellation), job.Options.LongText, arguments.GetValue(json));
        }
        catch (OperationCanceledException)
        {
            Terminal.Tell("Stopped. The same command goes on where it was.");
            throw;
        }
        return ExitCode.Success;
    }

    static void Tell(EmbeddingResult result, LongText longText, bool asJson)
    {
        if (asJson)
        {
            Terminal.WriteJson(result);
            return;
        }
        var cut = result.CutTexts > 0 ? $" {LongTexts(result.CutTexts, longText)}" : "";
        Terminal.WriteLine($"{result.File}: {result.Rows:N0} vectors of {result.Dimensions:N0} numbers.{cut}");
    }

    /// <summary>What became of texts that are longer than the model reads.</summary>
    static string LongTexts(long texts, LongText longText) =>
        $"{texts:N0} texts are longer than the model reads, and are embedded {(longText == LongText.Chunk ? "in pieces" : "by their beginnings")}.";

    int EmbedTexts(ParseResult arguments, CancellationToken cancellation)
    {
        if (input.ReadOrDefault(arguments) is not null || arguments.GetValue(idColumn) is not null || arguments.GetValue(shard) is not null || arguments.GetValue(withText) || arguments.GetValue(replace))
        {
            throw new ArgumentException($"Vectors of files are written to a file: name it with {output.Name}, such as {output.Name} vectors.parquet.");
        }
        var given = arguments.GetRequiredValue(texts);
        if (given.FirstOrDefault(text => text.StartsWith("--", StringComparison.Ordinal)) is { } option && arguments.Tokens.All(token => token.Type != TokenType.DoubleDash))
        {
            throw new ArgumentException($"There is no option '{option}'.{Suggestion.Nearest(option, Options.Select(known => known.Name))} To embed it as a text, write -- before the texts.");
        }
        using var loaded = CclmModel.Load(arguments.GetRequiredValue(model).FullName, OptionsOf(arguments));
        Terminal.Tell($"Running on {loaded.Provider.ToString().ToUpperInvariant()}.");
        if (given.FirstOrDefault(File.Exists) is { } file)
        {
            Terminal.Tell($"note: '{file}' is embedded as a text. The lines of the file of that name are embedded by: cclm embed MODEL --input {file} {output.Name} vectors.npy");
        }
        var tooLong = PrintedVectors.Print(given.Length > 0 ? given : PrintedVectors.StandardInput(cancellation), loaded, arguments.GetValue(tower), arguments.GetValue(json), cancellation);
        if (tooLong > 0)
        {
            Terminal.Tell($"note: {LongTexts(tooLong, loaded.LongText)}");
        }
        return ExitCode.Success;
    }

    CclmModelOptions OptionsOf(ParseResult arguments)
    {
        var options = new CclmModelOptions
        {
            Provider = Enum.Parse<ExecutionProvider>(arguments.GetRequiredValue(provider), ignoreCase: true),
            BatchCharacters = arguments.GetValue(batchCharacters),
            LongText = Enum.Parse<LongText>(arguments.GetRequiredValue(longText), ignoreCase: true),
        };
        if (arguments.GetValue(chunkOverlap) is { } overlap)
        {
            options.ChunkOverlap = options.LongText == LongText.Chunk ? overlap
                : throw new ArgumentException($"{chunkOverlap.Name} is of texts that are read in pieces; say {longText.Name} chunk too, or leave it out.");
        }
        return options;
    }
}
