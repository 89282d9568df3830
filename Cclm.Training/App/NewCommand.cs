using System.CommandLine;
using Cclm.Training.Recipes;

namespace Cclm.Training.App;

/// <summary><c>cclm new</c>: a commented recipe that builds as it is.</summary>
sealed class NewCommand : Command
{
    readonly Argument<FileInfo> file = new("file") { DefaultValueFactory = _ => new("recipe.json"), Description = "The recipe to write." };
    readonly CorpusArguments corpus;
    readonly Option<bool> graph = new("--graph") { Description = "On the .NET API as a graph, whose members are linked as their documentation links them." };
    readonly Option<bool> force = new("--force") { Description = "Write over what is there." };
    readonly Option<bool> schema = new("--schema") { Description = "Print the JSON Schema of recipes, and write nothing." };
    readonly PartTypes parts;
    readonly TaskTypes tasks;

    public NewCommand(PartTypes parts, TaskTypes tasks) : base("new",
        """
        Write a recipe for 'cclm build', with comments, that builds as it is: on data of your own, or on the .NET API documentation, which is written beside it.

        Examples:
          cclm new
          cclm new my-recipe.json --corpus my-text.txt
          cclm new my-recipe.json --corpus reviews.csv --text-column body --label-column stars
          cclm new my-recipe.json --graph
          cclm new --schema > recipe.schema.json
        """)
    {
        (this.parts, this.tasks) = (parts, tasks);
        Add(file);
        corpus = new(this, required: false);
        Add(graph);
        Add(force);
        Add(schema);
        SetAction(Write);
    }

    int Write(ParseResult arguments)
    {
        var text = new RecipeSchema(parts, tasks).Write();
        if (arguments.GetValue(schema))
        {
            Console.Out.Write(text);
            return ExitCode.Success;
        }
        var recipe = arguments.GetRequiredValue(file).FullName;
        var folder = Path.GetDirectoryName(recipe)!;
        var beside = Path.Combine(folder, NewRecipe.SchemaFile);
        var overwrite = arguments.GetValue(force);
        if (File.Exists(recipe) && !overwrite)
        {
            throw new IOException($"'{recipe}' is there already. Give another name, or write over it (--force).");
        }
        var content = (corpus.ReadOrDefault(arguments), arguments.GetValue(graph)) switch
        {
            ({ } data, false) => NewRecipe.Of(data, folder),
            (null, true) => NewRecipe.OfGraph(),
            (null, false) => NewRecipe.OfDocumentation(),
            _ => throw new ArgumentException($"{graph.Name} is a corpus of its own; give it or --corpus."),
        };
        WriteData(arguments, folder, overwrite);
        if (overwrite || !File.Exists(beside))
        {
            AtomicFile.Write(beside, text);
        }
        AtomicFile.Write(recipe, content);
        Terminal.WriteLine($"Wrote {recipe}. Look through it, and then: cclm build {arguments.GetRequiredValue(file)}");
        return ExitCode.Success;
    }

    /// <summary>Writes the .NET API documentation, or its graph, where no corpus is named.</summary>
    void WriteData(ParseResult arguments, string folder, bool overwrite)
    {
        var ofGraph = arguments.GetValue(graph);
        var file = Path.Combine(folder, ofGraph ? NewRecipe.Graph.Paths[0] : NewRecipe.DocumentationFile);
        if (corpus.ReadOrDefault(arguments) is not null || (File.Exists(file) && !overwrite))
        {
            return;
        }
        if (ofGraph)
        {
            NewRecipe.WriteGraph(folder);
            Terminal.WriteLine($"Wrote {file}, and its edges and labels: the .NET API documentation, with the links and the namespace of each member.");
        }
        else
        {
            NewRecipe.WriteDocumentation(file);
            Terminal.WriteLine($"Wrote {file}: the .NET API documentation, with the namespace and the kind of each member.");
        }
    }
}
