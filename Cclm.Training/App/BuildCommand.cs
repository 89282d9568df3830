using System.CommandLine;
using System.Text.Json.Nodes;
using Cclm.Training.Recipes;
using TorchSharp;

namespace Cclm.Training.App;

/// <summary><c>cclm build</c>: makes what a recipe names and is not there, or was made from something else.</summary>
sealed class BuildCommand : Command
{
    readonly Argument<FileInfo> recipe = new("recipe") { Description = "The recipe, as 'cclm new' writes one." };
    readonly Option<DirectoryInfo?> output = new("--output", "-o") { Description = "Folder for all that is made. Default: beside the recipe, of its name." };
    readonly Option<bool> dryRun = new("--dry-run", "-n") { Description = "Say what would be made, and why; write nothing." };
    readonly Option<bool> rehash = new("--rehash") { Description = "Read each file again to see whether it changed; otherwise one of the same size and time is taken for the same." };
    readonly ThreadsOption threads = new("Threads that a batch's texts are dealt to. Default: the machine's cores. With as many, a build ends in the same bytes.");
    readonly Option<bool> json = new("--json") { Description = "Print what is made, and why, as JSON." };
    readonly PartTypes parts;
    readonly TaskTypes tasks;
    readonly Terminal terminal;

    public BuildCommand(PartTypes parts, TaskTypes tasks, Terminal terminal) : base("build",
        """
        Make a model from a recipe: what is not there yet or was made from something else, and nothing else. A build that was stopped goes on where it was.

        Examples:
          cclm build recipe.json --dry-run
          cclm build recipe.json
          cclm build recipe.json --output my-model --threads 1
        """)
    {
        (this.parts, this.tasks, this.terminal) = (parts, tasks, terminal);
        Add(recipe);
        foreach (var option in (Option[])[output, dryRun, rehash, threads, json])
        {
            Add(option);
        }
        SetAction((arguments, cancellation) => Task.FromResult(Run(arguments, cancellation)));
    }

    int Run(ParseResult arguments, CancellationToken cancellation)
    {
        var file = arguments.GetRequiredValue(recipe);
        var folder = arguments.GetValue(output)?.FullName ?? Path.ChangeExtension(file.FullName, null);
        if (folder == file.FullName)
        {
            throw new ArgumentException($"'{file.Name}' has no extension, so there is no name for a folder beside it. Name one with {output.Name}.");
        }
        var hashes = new FileHashes(Path.Combine(folder, "file-hashes.json"), trust: !arguments.GetValue(rehash), cancellation);
        var context = new BuildContext(RecipeFile.Read(file.FullName, parts, tasks), folder, parts, tasks, hashes, terminal, threads.Of(arguments));
        return arguments.GetValue(dryRun) ? Plan(arguments, context) : Make(arguments, context, cancellation);
    }

    int Plan(ParseResult arguments, BuildContext context)
    {
        var build = new RecipeBuild(context);
        var (verdicts, left) = (build.Plan(), build.NotInRecipe.ToList());
        if (arguments.GetValue(json))
        {
            Terminal.WriteJson(new { steps = verdicts.Select(ToJson), notInRecipe = left });
            return ExitCode.Success;
        }
        foreach (var verdict in verdicts)
        {
            Terminal.WriteLine($"{verdict}");
        }
        foreach (var step in left)
        {
            Terminal.WriteLine($"{step}: not in the recipe any more; what was made of it stays");
        }
        return ExitCode.Success;
    }

    int Make(ParseResult arguments, BuildContext context, CancellationToken cancellation)
    {
        using var alone = context.Training.Lock();
        foreach (var folder in (ReadOnlySpan<string>)[context.Folder, context.PartsFolder, Path.Combine(context.PartsFolder, "towers")])
        {
            AtomicFile.DeleteLeftovers(folder);
        }
        torch.set_num_threads(context.Threads);
        var build = new RecipeBuild(context);
        IReadOnlyList<Verdict> made;
        try
        {
            made = build.Run(cancellation);
        }
        catch (BuildInterruptedException e)
        {
            Terminal.Tell(e.Message);
            return ExitCode.Interrupted;
        }
        var files = context.AllModels.ToList();
        if (arguments.GetValue(json))
        {
            Terminal.WriteJson(new { made = made.Select(ToJson), files, evaluation = build.Evaluation });
            return ExitCode.Success;
        }
        Terminal.WriteLine(made.Count == 0 ? "Everything is up to date." : $"Made: {string.Join(", ", made.Select(verdict => verdict.Step))}.");
        Report(build.Evaluation);
        files.ForEach(model => Terminal.WriteLine($"{model} ({new FileInfo(model).Length:N0} bytes)"));
        return ExitCode.Success;
    }

    static void Report(JsonObject evaluation)
    {
        foreach (var (name, reached) in (JsonObject)evaluation["towers"]!)
        {
            // What the task is judged by comes first of its measures: a share, but for a causal tower's bits.
            var (measure, value) = reached!.AsObject().First(result => result.Key is not ("steps" or "bestStep" or "loss"));
            var shown = measure == BitsPerCharacter.Name ? $"{(double)value!:F3}" : $"{(double)value!:P1}";
            Terminal.WriteLine($"Tower {name}, held out: loss {(double)reached!["loss"]!:F3}, {measure} {shown} of {(long)reached["count"]!:N0}.");
        }
        if (evaluation["probe"] is { } probe)
        {
            Terminal.WriteLine($"Label of {(int)probe["count"]!:N0} held-out texts ({(int)probe["labels"]!:N0} labels): {(double)probe["accuracy"]!:P1} right by a linear classifier on the vectors; the most frequent label alone {(double)probe["majority"]!:P1}.");
        }
    }

    static object ToJson(Verdict verdict) => new { verdict.Step, verdict.Verb, due = verdict.Due.ToString().ToLowerInvariant(), verdict.Reasons };
}
