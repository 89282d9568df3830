using System.Text.Json.Nodes;
using Cclm.Tests.App;
using Cclm.Training;
using NUnit.Framework;

namespace Cclm.Tests.Recipes;

/// <summary><c>cclm build</c> and <c>cclm new</c> as a user runs them.</summary>
public sealed class BuildCommandTests
{
    /// <summary>How often builds are killed: <c>CCLM_KILLS</c>, or enough to see that it works.</summary>
    static int Kills => int.Parse(Environment.GetEnvironmentVariable("CCLM_KILLS") ?? "5", System.Globalization.CultureInfo.InvariantCulture);

    static string[] Command(BuildFolder folder, params string[] more) => ["build", folder["recipe.json"], "--threads", "1", .. more];

    [Test]
    public async Task ABuildThatIsKilledAgainAndAgainEndsAsOneThatIsNot()
    {
        using var whole = new BuildFolder();
        Longer(whole);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await Succeed(Command(whole));
        var (once, random, kills, builds) = (clock.Elapsed, new Random(3), 0, 0);
        for (; kills < Kills; builds++)
        {
            using var killed = new BuildFolder();
            Longer(killed);
            while (await Cli.KillAsync(once * (0.1 + random.NextDouble()), Command(killed)))
            {
                kills++;
            }
            Assert.That(killed.Files(), Is.EqualTo(whole.Files()), $"after {kills} kills");
            // A change on top of a finished build, killed in the same way.
            killed.Edit(recipe => recipe["embedder"]!["options"]!["globalFilters"] = 5);
            while (await Cli.KillAsync(once * (0.1 + random.NextDouble()), Command(killed)))
            {
                kills++;
            }
            killed.Edit(recipe => recipe["embedder"]!["options"]!["globalFilters"] = 4);
            await Succeed(Command(killed));
            Assert.That(killed.Files(), Is.EqualTo(whole.Files()), "The change is taken back.");
        }
        TestContext.Out.WriteLine($"{kills} kills in {builds} builds, each of which ended with the same {whole.Files().Count} files.");
    }

    [Test]
    [Platform("Linux,MacOsX")]
    public async Task CtrlCSaysHowToGoOn()
    {
        using BuildFolder whole = new(), stopped = new();
        Longer(stopped, steps: 100_000);
        var (exit, _, errors) = await Cli.InterruptAsync("topic: categorical", times: 1, Path.Combine(stopped.Output, "training", "runs", "topic"), Command(stopped));
        Assert.That(exit, Is.EqualTo(130), errors);
        Assert.That(errors, Does.Contain("'tower topic' at step").And.Contain("of 100,000").And.Contain("the same command goes on"));
        Assert.That((await Cli.RunAsync(Command(stopped, "--dry-run"))).Output, Does.Contain("tower chars: up to date").And.Contain("tower topic: train (it was begun and not finished)").And.Contain("tower size: train (it was never made)"));
        Longer(stopped, steps: 3);
        await Succeed(Command(stopped));
        await Succeed(Command(whole));
        Assert.That(stopped.Files(), Is.EqualTo(whole.Files()));
    }

    [Test]
    public async Task OneBuildAtATime()
    {
        using var folder = new BuildFolder();
        using var alone = new ModelFolder(folder["recipe/training"], new()).Lock();
        var (exit, _, errors) = await Cli.RunAsync(Command(folder));
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(errors, Does.Contain("another process"));
        Assert.That((await Cli.RunAsync(Command(folder, "--dry-run"))).Exit, Is.Zero, "A plan needs nobody's leave.");
    }

    [Test]
    public async Task JsonSaysWhatIsMadeAndWhy()
    {
        using var folder = new BuildFolder();
        await Succeed(Command(folder));
        folder.Edit(recipe =>
        {
            recipe["towers"]![1]!["training"]!["steps"] = 4;
            recipe["towers"]!.AsArray().RemoveAt(2);
        });
        var plan = JsonNode.Parse((await Cli.RunAsync(Command(folder, "--dry-run", "--json"))).Output)!;
        var topic = plan["steps"]!.AsArray().Single(step => (string)step!["step"]! == "tower topic")!;
        Assert.That(((string)topic["due"]!, (string)topic["reasons"]![0]!), Is.EqualTo(("yes", "training.steps was 3 and is 4")));
        Assert.That(plan["notInRecipe"]!.AsArray().Select(step => (string)step!), Is.EquivalentTo((string[])["tower size", "export of size"]));
        var (exit, output, errors) = await Cli.RunAsync(Command(folder, "--json"));
        Assert.That(exit, Is.Zero, errors);
        var built = JsonNode.Parse(output)!;
        Assert.That(built["made"]!.AsArray().Select(step => (string)step!["step"]!), Is.EqualTo((string[])["tower topic", "export of topic", "composition", "evaluation"]));
        Assert.That(built["files"]!.AsArray().Select(file => (string)file!), Has.All.Exist);
        Assert.That((int)built["evaluation"]!["towers"]!["topic"]!["steps"]!, Is.EqualTo(4));
        Assert.That((await Cli.RunAsync(Command(folder))).Output, Does.StartWith("Everything is up to date."));
    }

    [TestCase("corpus missing", "corpora.text.paths can not be read", "nowhere.txt")]
    [TestCase("steps", "towers[0].training.steps is \"many\"; expected a whole number", "line 1, column")]
    public async Task ABadRecipeIsAClearErrorAndWritesNothing(string name, string expected, string too)
    {
        using var folder = new BuildFolder();
        folder.Edit(recipe => (name == "steps" ? recipe["towers"]![0]!["training"]! : recipe["corpora"]!["text"]!)[name == "steps" ? "steps" : "paths"] = name == "steps" ? "many" : new JsonArray("nowhere.txt"));
        var (exit, output, errors) = await Cli.RunAsync(Command(folder, "--dry-run"));
        Assert.That((exit, output), Is.EqualTo((1, "")));
        Assert.That(errors, Does.StartWith("error: 'recipe.json', line 1").And.Contain(expected).And.Contain(too).And.Not.Contain("   at "));
        Assert.That(Directory.Exists(folder.Output), Is.False);
    }

    [TestCase("build")]
    [TestCase("new")]
    public async Task HelpHasExamples(string command) => Assert.That((await Cli.RunAsync(command, "--help")).Output, Does.Match($"Examples:\\s+cclm {command}"));

    static async Task Succeed(string[] arguments)
    {
        var (exit, _, errors) = await Cli.RunAsync(arguments);
        Assert.That(exit, Is.Zero, errors);
    }

    /// <summary>Enough steps that a kill falls into them, and checkpoints between them.</summary>
    static void Longer(BuildFolder folder, int steps = 40) => folder.Edit(recipe =>
    {
        foreach (var tower in recipe["towers"]!.AsArray())
        {
            (tower!["training"]!["steps"], tower["training"]!["checkpointEvery"]) = (tower["name"]!.ToString() == "topic" || steps == 40 ? steps : 3, 7);
        }
    });
}
