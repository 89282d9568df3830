using System.CommandLine;
using System.Text.Json;
using Cclm.Inference;
using Cclm.Training.Data;
using TorchSharp;

namespace Cclm.Training.App;

/// <summary><c>cclm pretrain TASK</c>: trains a tower, and the embedder where there is none yet.</summary>
sealed class PretrainCommand : Command
{
    static readonly TrainingOptions Defaults = new();

    readonly Option<DirectoryInfo> model = new("--model", "-m") { Required = true, Description = "Folder of the model in training; made where there is none." };
    readonly Option<FileInfo> corpus = new("--corpus", "-c") { Required = true };
    readonly Option<string?> name = new("--name", "-n") { Description = "The tower's name (lower-case letters, digits, underscores). Default: the task's." };
    readonly Option<string> tower = new("--tower") { DefaultValueFactory = _ => "transformer", Description = "The tower's type: transformer, or one of the application's own." };
    readonly Option<string?> towerOptions = new("--tower-options") { Description = """The tower's options as JSON. A transformer's, with their defaults: {"layers":2,"heads":8,"feedForward":256,"dropout":0.1,"norm":"pre"}.""" };
    readonly Option<string?> embedderOptions = new("--embedder-options") { Description = """A new embedder's options as JSON, with their defaults: {"characterWidth":32,"blocks":5,"filters":512,"globalFilters":128,"kernelSize":3,"dropout":0.25}.""" };
    readonly Option<int> maxLength = new("--max-length") { DefaultValueFactory = _ => new PreprocessorOptions().MaxLength, Description = "A new model's longest text, in characters." };
    readonly Option<bool> trainEmbedder = new("--train-embedder") { Description = "Train an embedder that other towers stand on too; they must then be trained again." };
    readonly Option<bool> replace = new("--replace") { Description = "Train a tower of this name anew where there is one." };
    readonly Option<bool> proceed = new("--continue") { Description = "Train the tower of this name for --steps more, from the weights it has; the embedder too, where no other tower stands on it." };
    readonly Option<int> steps = new("--steps") { DefaultValueFactory = _ => Defaults.Steps, Description = "Optimizer steps." };
    readonly Option<int> batchSize = new("--batch-size") { DefaultValueFactory = _ => Defaults.BatchSize, Description = "Texts a step." };
    readonly Option<double> learningRate = new("--learning-rate") { DefaultValueFactory = _ => Defaults.LearningRate, Description = "The highest learning rate." };
    readonly Option<int> seed = new("--seed") { DefaultValueFactory = _ => Defaults.Seed, Description = "Of weights, order and masks." };
    readonly Option<int?> threads = new("--threads") { Description = "Threads for matrix work. Default: the machine's cores." };
    readonly Option<bool> json = new("--json") { Description = "Print the result as JSON." };
    readonly PartTypes parts;
    readonly Terminal terminal;

    public PretrainCommand(PartTypes parts, Terminal terminal) : base("pretrain",
        """
        Train a tower on a task, and the embedder under it where there is none yet.

        Examples:
          cclm pretrain char-mask   --corpus text.txt   --model my-model
          cclm pretrain categorical --corpus labels.tsv --model my-model --name topic --steps 2000
        """)
    {
        (this.parts, this.terminal) = (parts, terminal);
        Add(Task("char-mask",
            """
            Masked characters are to be told from what stands around them. The corpus is UTF-8 text, one text a line.

            Examples:
              cclm pretrain char-mask --corpus text.txt --model my-model
              cclm pretrain char-mask --corpus text.txt --model my-model --continue --steps 5000
            """, CharacterMask));
        Add(Task("categorical",
            """
            A text's label is to be told from the whole of it. The corpus is UTF-8 lines of label, tab, text.

            Example:
              cclm pretrain categorical --corpus labels.tsv --model my-model --name topic
            """, Categorical));
    }

    Command Task(string task, string description, Func<ParseResult, CancellationToken, int> run)
    {
        var command = new Command(task, description);
        foreach (var option in (Option[])[corpus, model, name, tower, towerOptions, embedderOptions, maxLength, trainEmbedder, replace, proceed, steps, batchSize, learningRate, seed, threads, json])
        {
            command.Add(option);
        }
        corpus.Description = "The text to train on.";
        command.SetAction((arguments, cancellation) => System.Threading.Tasks.Task.FromResult(run(arguments, cancellation)));
        return command;
    }

    int CharacterMask(ParseResult arguments, CancellationToken cancellation) =>
        Train(arguments, "char_mask", Corpus.ReadLines, text => text,
            (name, preprocessor, embedder, tower, _) => new CharacterMaskPretrainer(name, preprocessor, embedder, tower), cancellation);

    int Categorical(ParseResult arguments, CancellationToken cancellation) =>
        Train(arguments, "categorical", Corpus.ReadLabelled, row => row.Text,
            (name, preprocessor, embedder, tower, rows) => new CategoricalPretrainer(name, preprocessor, embedder, tower,
                [.. rows.Select(row => row.Label).Distinct().Order(StringComparer.Ordinal)]), cancellation);

    int Train<T>(ParseResult arguments, string task, Func<string, IEnumerable<T>> read, Func<T, string> textOf,
        Func<string, Preprocessor, Embedder, Tower, IReadOnlyList<T>, Pretrainer<T>> make, CancellationToken cancellation)
    {
        var folder = new ModelFolder(arguments.GetRequiredValue(model).FullName, parts);
        using var alone = folder.Lock();
        var towerName = arguments.GetValue(name) ?? task;
        var (fresh, goOn) = (!File.Exists(folder.EmbedderFile), arguments.GetValue(proceed));
        CheckName(arguments, folder, towerName);
        torch.random.manual_seed(arguments.GetValue(seed));
        torch.set_num_threads(arguments.GetValue(threads) ?? Environment.ProcessorCount);
        IReadOnlyList<T> rows = [.. read(arguments.GetRequiredValue(corpus).FullName)];
        var (train, heldOut) = Split(rows, textOf);
        // Characters that occur once are left to the unknown id, so that it learns what an unknown character is.
        var preprocessor = fresh
            ? new Preprocessor(Vocabulary.Fit(train.Select(textOf), new() { MinCount = 2 }), new() { MaxLength = arguments.GetValue(maxLength) })
            : folder.LoadPreprocessor();
        using var embedder = fresh ? new ConvEmbedder(ReadEmbedderOptions(arguments, preprocessor)) : folder.LoadEmbedder(preprocessor);
        using var trained = goOn ? folder.LoadTower(towerName, embedder) : parts.MakeTower(arguments.GetRequiredValue(tower), embedder, ParseOptions(arguments, towerOptions));
        CheckSettled(arguments, folder, preprocessor, embedder, trained);
        using var pretrainer = make(towerName, preprocessor, embedder, trained, rows);
        if (goOn)
        {
            pretrainer.Load(folder);
        }
        if (!fresh && !arguments.GetValue(trainEmbedder) && !(goOn && folder.TowerNames.Count == 1))
        {
            pretrainer.Freeze(Parts.Embedder);
        }
        var options = new TrainingOptions
        {
            Steps = arguments.GetValue(steps),
            BatchSize = arguments.GetValue(batchSize),
            LearningRate = arguments.GetValue(learningRate),
            Seed = arguments.GetValue(seed),
        };
        var result = terminal.Train($"{towerName}: {train.Count:N0} texts", pretrainer, train, options, cancellation);
        pretrainer.Save(folder);
        return Report(arguments, folder, towerName, result, result.Cancelled ? null : pretrainer.Evaluate(heldOut, options, cancellation));
    }

    void CheckName(ParseResult arguments, ModelFolder folder, string towerName)
    {
        var known = folder.TowerNames.Contains(towerName);
        if (known && arguments.GetValue(replace) == arguments.GetValue(proceed))
        {
            throw new ArgumentException($"'{folder.TowerFile(towerName)}' is there already. Pass --continue to train it further, --replace to train it anew, or another --name.");
        }
        if (!known && arguments.GetValue(proceed))
        {
            throw new ArgumentException($"There is no '{folder.TowerFile(towerName)}' to go on with. Leave --continue out to begin.");
        }
    }

    /// <summary>An option that says otherwise than what is there already is an error, not silence.</summary>
    void CheckSettled(ParseResult arguments, ModelFolder folder, Preprocessor preprocessor, Embedder embedder, Tower trained)
    {
        foreach (var (option, same) in ((Option, Func<bool>)[])
            [(maxLength, () => arguments.GetValue(maxLength) == preprocessor.Options.MaxLength),
             (embedderOptions, () => ReadEmbedderOptions(arguments, preprocessor) == (embedder as ConvEmbedder)?.Options),
             (tower, () => arguments.GetValue(tower) == parts.Describe(trained).Type),
             (towerOptions, () => Describe(trained) == Describe(parts.MakeTower(parts.Describe(trained).Type, embedder, ParseOptions(arguments, towerOptions))))])
        {
            if (arguments.GetResult(option) is { Implicit: false } && !same())
            {
                throw new ArgumentException($"{option.Name} is not what '{folder.Path}' was begun with, and can not be changed there. Leave it out, or begin a new model.");
            }
        }

        string Describe(Tower tower) => parts.Describe(tower).Options.ToString()!;
    }

    /// <summary>A twentieth is held out, by hash; of a small corpus more, for a twentieth of it might be nothing.</summary>
    static (IReadOnlyList<T> Train, IReadOnlyList<T> HeldOut) Split<T>(IReadOnlyList<T> rows, Func<T, string> textOf) =>
        Corpus.Split(rows, textOf, permille: rows.Count < 200 ? 300 : 50);

    int Report(ParseResult arguments, ModelFolder folder, string towerName, TrainingResult result, Evaluation? heldOut)
    {
        if (arguments.GetValue(json))
        {
            Terminal.WriteJson(new { tower = towerName, file = folder.TowerFile(towerName), result.Steps, result.Cancelled, seconds = result.Elapsed.TotalSeconds, heldOut });
        }
        else
        {
            Terminal.WriteLine($"Wrote {folder.TowerFile(towerName)} after {result.Steps:N0} steps in {result.Elapsed.TotalSeconds:F0} s.");
            if (heldOut is not null)
            {
                Terminal.WriteLine($"Held out: loss {heldOut.Loss:F3}, accuracy {heldOut.Accuracy:P1} of {heldOut.Count:N0}.");
            }
        }
        if (result.Cancelled)
        {
            Terminal.Tell("Interrupted; what was learned is saved. Go on with the same command and --continue.");
            return ExitCode.Interrupted;
        }
        return ExitCode.Success;
    }

    EmbedderOptions ReadEmbedderOptions(ParseResult arguments, Preprocessor preprocessor)
    {
        var sizes = ParseOptions(arguments, embedderOptions) is { } options
            ? options.EnumerateObject().ToDictionary(property => property.Name, property => property.Value)
            : [];
        sizes["vocabulary"] = JsonSerializer.SerializeToElement(preprocessor.Vocabulary.Count);
        sizes.TryAdd("maxLength", JsonSerializer.SerializeToElement(preprocessor.Options.MaxLength));
        return PartTypes.Read<EmbedderOptions>(JsonSerializer.SerializeToElement(sizes), "--embedder-options");
    }

    static JsonElement? ParseOptions(ParseResult arguments, Option<string?> option)
    {
        if (arguments.GetValue(option) is not { } text)
        {
            return null;
        }
        try
        {
            return JsonDocument.Parse(text).RootElement is { ValueKind: JsonValueKind.Object } options ? options
                : throw new ArgumentException($"{option.Name} is {text}; expected a JSON object, such as '{{\"layers\":2}}'.");
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"{option.Name} is no JSON: {e.Message} Expected an object, such as '{{\"layers\":2}}', quoted for the shell.", e);
        }
    }
}
