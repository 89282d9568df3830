using System.CommandLine;
using Cclm.Training.Recipes;

namespace Cclm.Training.App;

/// <summary><c>cclm new</c>: a commented recipe that builds as it is.</summary>
sealed class NewCommand : Command
{
    readonly Argument<FileInfo> file = new("file") { DefaultValueFactory = _ => new("recipe.json"), Description = "The recipe to write." };
    readonly CorpusArguments corpus;
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
          cclm new --schema > recipe.schema.json
        """)
    {
        (this.parts, this.tasks) = (parts, tasks);
        Add(file);
        corpus = new(this, required: false);
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
        var (documentation, beside) = (Path.Combine(folder, NewRecipe.DocumentationFile), Path.Combine(folder, NewRecipe.SchemaFile));
        var overwrite = arguments.GetValue(force);
        if (File.Exists(recipe) && !overwrite)
        {
            throw new IOException($"'{recipe}' is there already. Give another name, or write over it (--force).");
        }
        var data = corpus.ReadOrDefault(arguments);
        var content = data is null ? NewRecipe.OfDocumentation() : NewRecipe.Of(data, folder);
        if (data is null && (overwrite || !File.Exists(documentation)))
        {
            NewRecipe.WriteDocumentation(documentation);
            Terminal.WriteLine($"Wrote {documentation}: the .NET API documentation, with the namespace and the kind of each member.");
        }
        if (overwrite || !File.Exists(beside))
        {
            AtomicFile.Write(beside, text);
        }
        AtomicFile.Write(recipe, content);
        Terminal.WriteLine($"Wrote {recipe}. Look through it, and then: cclm build {arguments.GetRequiredValue(file)}");
        return ExitCode.Success;
    }
}
