using Cclm.Tests.App;
using Cclm.Training;
using Cclm.Training.Recipes;
using NUnit.Framework;

namespace Cclm.Tests.Recipes;

/// <summary>What <c>cclm new</c> writes is a recipe that builds as it is.</summary>
[Parallelizable]
public sealed class NewCommandTests : CommandFixture
{
    static readonly Dictionary<string, (string File, Func<int, string> Line, string? Header, string[] More, string[] Towers, bool Built)> Corpora = new()
    {
        ["lines of text"] = ("my text.txt", i => $"line {i} of a text", null, [], ["char_mask"], true),
        ["labels in a file of lines"] = ("labels.txt", i => $"{(i % 2 == 0 ? "even" : "odd")}\tnumber {i} of a list", null, [], ["char_mask", "label"], true),
        ["labels"] = ("labels.tsv", i => $"{(i % 2 == 0 ? "even" : "odd")}\tnumber {i} of a list", null, [], ["char_mask", "label"], false),
        ["one label only"] = ("labels.tsv", i => $"same\tnumber {i} of a list", null, [], ["char_mask"], false),
        ["a table"] = ("reviews.csv", i => $"{i % 3},\"a review, number {i}\"", "stars,body", ["--text-column", "body", "--label-column", "stars"], ["char_mask", "label"], true),
        ["JSON without labels"] = ("rows.jsonl", i => $$"""{"text":"a row {{i}}"}""", null, [], ["char_mask"], false),
    };

    static IEnumerable<string> CorpusNames => Corpora.Keys;

    [TestCaseSource(nameof(CorpusNames))]
    public async Task ItIsARecipeOfWhatTheCorpusHasAndBuildsAsItIs(string name)
    {
        var (file, line, header, more, towers, built) = Corpora[name];
        using var folder = new TempFolder();
        File.WriteAllLines(folder[$"data/{file}"], [.. header is null ? (string[])[] : [header], .. Enumerable.Range(0, 60).Select(line)]);
        var (exit, output, errors) = await Cli.RunAsync(["new", folder["mine/new.json"], "--corpus", folder[$"data/{file}"], .. more]);
        Assert.That(exit, Is.Zero, errors);
        Assert.That(output, Does.Contain("cclm build"));
        var text = File.ReadAllText(folder["mine/new.json"]);
        Assert.That(RecipeSchemaTests.Problems(text), Is.Empty);
        var recipe = RecipeFile.Read(folder["mine/new.json"], new(), new()).Recipe;
        Assert.That(recipe.Towers.Select(tower => tower.Name), Is.EqualTo(towers));
        Assert.That(recipe.Corpora["text"].Paths, Is.EqualTo(new[] { $"../data/{file}" }));
        Assert.That(File.Exists(folder["mine/recipe.schema.json"]));

        if (!built)
        {
            return;
        }
        File.WriteAllText(folder["mine/new.json"], text.Replace("\"steps\": 1000", "\"steps\": 2", StringComparison.Ordinal));        // as it is, but for the time that it takes
        (exit, output, errors) = await Cli.RunAsync("build", folder["mine/new.json"]);
        Assert.That(exit, Is.Zero, errors);
        Assert.That(output, Does.Contain("Tower char_mask, held out: loss").And.Contain("model.text.onnx"));
    }

    [Test]
    public async Task TheApiDocumentationIsWrittenBesideItAndHasLabels()
    {
        using var folder = new TempFolder();
        Assert.That((await Cli.RunAsync("new", folder["api.json"])).Exit, Is.Zero);
        var recipe = RecipeFile.Read(folder["api.json"], new(), new());
        foreach (var tower in recipe.Recipe.Towers)
        {
            var corpus = recipe.Recipe.Corpora[tower.Corpus] with { Paths = [folder[NewRecipe.DocumentationFile]] };
            Assert.That(new TaskTypes().Find(tower.Task) is PretrainingTask<Cclm.Training.Data.LabelledText> task
                ? task.Open(corpus).Read().Select(row => row.Row.Label).Distinct().Count() : 2, Is.GreaterThan(1), tower.Name);
        }
        Assert.That(File.ReadLines(folder[NewRecipe.DocumentationFile]).Count(), Is.EqualTo(Cclm.Training.Data.ApiDocumentation.Read().Count));
    }

    [Test]
    public async Task AGraphIsARecipeWithATowerOnItWhichIsTrainedAgainWhenItsEdgesChange()
    {
        using var folder = new TempFolder();
        folder.Write("data/papers.txt", string.Concat(Enumerable.Range(0, 60).Select(i => $"paper {i} of {(i % 3 == 0 ? "many" : "few")}\n")));
        folder.Write("data/citations.txt", string.Concat(Enumerable.Range(0, 60).Select(i => $"{i} {(i + 3) % 60}\n")));
        folder.Write("data/fields.txt", string.Concat(Enumerable.Range(0, 60).Select(i => $"{i % 3}\n")));
        var (exit, _, errors) = await Cli.RunAsync("new", folder["mine/new.json"], "--corpus", folder["data/papers.txt"], "--edges", folder["data/citations.txt"], "--labels", folder["data/fields.txt"]);
        Assert.That(exit, Is.Zero, errors);
        var text = File.ReadAllText(folder["mine/new.json"]);
        Assert.That(RecipeSchemaTests.Problems(text), Is.Empty);
        Assert.That(text, Does.Contain("\"edges\":\"../data/citations.txt\"").And.Contain("\"task\": \"graph\""));
        File.WriteAllText(folder["mine/new.json"], text.Replace("\"steps\": 1000", "\"steps\": 2", StringComparison.Ordinal).Replace("\"steps\": 300", "\"steps\": 2", StringComparison.Ordinal));
        (exit, var output, errors) = await Cli.RunAsync("build", folder["mine/new.json"]);
        Assert.That(exit, Is.Zero, errors);
        Assert.That(output, Does.Contain("Tower graph, held out: loss"));

        folder.Write("data/citations.txt", "0 1\n");
        Assert.That((await Cli.RunAsync("build", folder["mine/new.json"], "--dry-run")).Output, Does.Contain("tower graph: train"));
        File.Delete(folder["data/citations.txt"]);
        Assert.That((await Cli.RunAsync("build", folder["mine/new.json"], "--dry-run")).Errors, Does.Contain("citations.txt"));
    }

    [Test]
    public async Task TheGraphOfTheApiIsWrittenBesideItsRecipe()
    {
        using var folder = new TempFolder();
        Assert.That((await Cli.RunAsync("new", folder["api.json"], "--graph")).Exit, Is.Zero);
        var corpus = RecipeFile.Read(folder["api.json"], new(), new()).Recipe.Corpora["text"];
        var graph = Cclm.Training.Data.TextGraph.Load(folder[corpus.Paths[0]], folder[corpus.Edges!], folder[corpus.Labels!]);
        var expected = Cclm.Training.Data.ApiDocumentation.ReadGraph();
        Assert.That(graph.Edges, Is.EqualTo(expected.Edges));
        Assert.That(graph.Texts, Is.EqualTo(expected.Texts));
        Assert.That(graph.Labels, Is.EqualTo(expected.Labels));
        Assert.That((await Cli.RunAsync("new", folder["b.json"], "--graph", "--corpus", folder[corpus.Paths[0]])).Errors, Does.Contain("--graph"));
    }

    [Test]
    public async Task NothingIsWrittenOverUnasked()
    {
        using var folder = new TempFolder();
        folder.Write("text.txt", "a text\nand another\n");
        folder.Write("mine.json", "mine");
        folder.Write("recipe.schema.json", "mine too");
        var (exit, _, errors) = await Cli.RunAsync("new", folder["mine.json"], "--corpus", folder["text.txt"]);
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(errors, Does.Contain("is there already").And.Contain("--force"));
        Assert.That((await Cli.RunAsync("new", folder["other.json"], "--corpus", folder["text.txt"])).Exit, Is.Zero);
        Assert.That((File.ReadAllText(folder["mine.json"]), File.ReadAllText(folder["recipe.schema.json"])), Is.EqualTo(("mine", "mine too")));
        Assert.That((await Cli.RunAsync("new", folder["mine.json"], "--corpus", folder["text.txt"], "--force")).Exit, Is.Zero);
        Assert.That(File.ReadAllText(folder["mine.json"]), Does.Contain("\"towers\""));
        Assert.That(File.ReadAllText(folder["recipe.schema.json"]), Is.EqualTo((await Cli.RunAsync("new", "--schema")).Output));
    }

    [TestCase("a file that is not there", "nowhere.txt", "nowhere.txt")]
    [TestCase("the standard input", "-", "standard input")]
    public async Task ACorpusThatCanNotBeReadIsAClearErrorAndWritesNothing(string name, string corpus, string expected)
    {
        using var folder = new TempFolder();
        var (exit, _, errors) = await Cli.RunAsync("new", folder["new.json"], "--corpus", corpus == "-" ? "-" : folder[corpus]);
        Assert.That(exit, Is.EqualTo(1), name);
        Assert.That(errors, Does.StartWith("error: ").And.Contain(expected));
        Assert.That(Directory.GetFiles(folder.Path), Is.Empty);
    }
}
