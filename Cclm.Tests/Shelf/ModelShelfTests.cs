using Cclm.Export;
using Cclm.Inference;
using Cclm.Tests.App;
using Cclm.Tests.Training;
using Cclm.Training;
using Google.Protobuf;
using NUnit.Framework;
using TorchSharp;

namespace Cclm.Tests.Shelves;

/// <summary>Parts of real models onto a shelf and back: to train on, and to compose.</summary>
[Parallelizable]
public sealed class ModelShelfTests : TorchFixture
{
    static readonly TempFolder Folder = new();

    static readonly PartTypes Types = new();

    [OneTimeSetUp]
    public async Task PublishAModel()
    {
        var model = Make("m", seed: 1);
        Composed(model, Folder["model.onnx"]);
        var items = new ItemPacker(Folder["items"], new() { Version = "1.0.0", Licence = "MIT", Data = "nothing", Metrics = new Dictionary<string, double> { ["loss"] = 0.5 } });
        using var shelf = Open();
        await shelf.PublishAsync([items.Preprocessor(model, "base"), items.Embedder(model, "base"), items.Tower(model, "topic"), items.Tower(model, "style"),
            items.Head(model, "topic"), items.Composed(Folder["model.onnx"], "search")], "v1");
    }

    [OneTimeTearDown]
    public void DeleteFolder() => Folder.Dispose();

    [Test]
    public async Task AModelComesBackFromItsPartsFileByFile()
    {
        using var shelf = Open();
        var copy = new ModelFolder(Folder["copy"], Types);
        foreach (var (identifier, kind) in ((string, ComponentKind)[])
            [("base-1.0.0", ComponentKind.Embedder), ("base-1.0.0", ComponentKind.Preprocessor), ("topic-1.0.0", ComponentKind.Tower), ("style-1.0.0", ComponentKind.Tower), ("topic-1.0.0", ComponentKind.Head)])
        {
            ItemInstaller.Install(await shelf.FetchAsync(identifier, kind, "v1"), copy);
        }
        Assert.That(ShelfParts.Content(copy.Path), Is.EqualTo(ShelfParts.Content(Folder["m"])));
        Assert.That(ItemInstaller.Install(await shelf.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1"), copy), Is.Empty, "It is there already.");
    }

    [Test]
    public async Task WhatIsComposedOfFetchedPartsIsWhatWasComposedOfThemAtHome()
    {
        using var shelf = Open();
        var embedder = await shelf.FetchAsync("base-1.0.0", ComponentKind.Embedder, "v1");
        var towers = await Task.WhenAll(((string[])["style", "topic"]).Select(async name => (name, Item: await shelf.FetchAsync($"{name}-1.0.0", ComponentKind.Tower, "v1"))));
        var composed = Composer.Compose(OnnxFile.Load(embedder.OnnxFile), [.. towers.Select(tower => (tower.name, OnnxFile.Load(tower.Item.OnnxFile)))], new() { Pooling = new(Pooling.MeanMax) });
        Assert.That(composed.ToByteArray(), Is.EqualTo(File.ReadAllBytes(Folder["model.onnx"])));

        var whole = await shelf.FetchAsync("search-1.0.0", ComponentKind.Composed, "v1");
        Assert.That(whole.Component.Parents.Select(parent => $"{parent.Kind} {parent.Name}"), Is.EqualTo(new[] { "Embedder embedder", "Tower style", "Tower topic" }));
        using var model = CclmModel.Load(whole.OnnxFile);
        Assert.That(model.Weights, Is.EqualTo(whole.Component.Weights));
        Assert.That(towers.Select(tower => tower.Item.Component.Weights), Is.EqualTo(whole.Component.Parents.Skip(1).Select(parent => parent.Hash)));
    }

    [Test]
    public async Task ATowerOfAnotherEmbedderIsRefusedBeforeAnythingIsWritten()
    {
        using var shelf = Open();
        var tower = await shelf.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1");
        var other = Make("other", seed: 2, towers: []);
        using var embedder = other.LoadEmbedder(other.LoadPreprocessor());
        Refused(tower, other, tower.Component.Parents[0].Hash, embedder.WeightsHash());
        Refused(await shelf.FetchAsync("base-1.0.0", ComponentKind.Embedder, "v1"), other, embedder.WeightsHash(), tower.Component.Parents[0].Hash);
        Refused(await shelf.FetchAsync("topic-1.0.0", ComponentKind.Head, "v1"), other, "towers");

        var foreign = Make("foreign", seed: 1, towers: [], characters: "abc");
        Refused(tower, foreign, tower.Component.Vocabulary, foreign.LoadPreprocessor().Vocabulary.Hash);
        Refused(await shelf.FetchAsync("base-1.0.0", ComponentKind.Preprocessor, "v1"), foreign, tower.Component.Vocabulary, foreign.LoadPreprocessor().Vocabulary.Hash);
        Refused(tower, new(Folder["nothing"], Types), tower.Component.Parents[0].Hash);
        Refused(await shelf.FetchAsync("search-1.0.0", ComponentKind.Composed, "v1"), other, "model.onnx");

        var trained = Make("trained", seed: 1, towerSeed: 9);
        Refused(tower, trained, trained.TowerFile("topic"), "other content");
        Refused(await shelf.FetchAsync("topic-1.0.0", ComponentKind.Head, "v1"), trained, tower.Component.Weights!);

        static void Refused(ShelfItem item, ModelFolder model, params string[] named)
        {
            var before = ShelfParts.Content(model.Path);
            var refusal = Assert.Throws<InvalidDataException>(() => ItemInstaller.Install(item, model));
            foreach (var name in named)
            {
                Assert.That(refusal!.Message, Does.Contain(name));
            }
            Assert.That(ShelfParts.Content(model.Path), Is.EqualTo(before));
        }
    }

    [Test]
    public async Task AnItemWithOtherWeightsThanItSaysIsRefused()
    {
        using var shelf = Open();
        var tower = await shelf.FetchAsync("topic-1.0.0", ComponentKind.Tower, "v1");
        var lie = tower with { Component = tower.Component with { Weights = ShelfParts.Hash('0') } };
        var model = Make("again", seed: 1, towers: []);
        Assert.That(() => ItemInstaller.Install(lie, model), Throws.TypeOf<InvalidDataException>().With.Message.Contains(ShelfParts.Hash('0')).And.Message.Contains(tower.Component.Weights));
        Assert.That(model.TowerNames, Is.Empty);
    }

    [Test]
    public async Task TheCommandsPublishListFetchAndVerify()
    {
        string[] at = ["--shelf", Folder["cli-shelf"], "--tag", "v1"];
        var published = await Succeed(["publish", "--model", Folder["m"], "--embedder", "--name", "base", "--tower", "topic", "style", "--version", "1.0.0", "--licence", "MIT", "--metric", "accuracy=0.5", .. at]);
        Assert.That(published, Does.Contain("Published embedder base-1.0.0").And.Contain("Published tower style-1.0.0"));
        Assert.That(await Succeed(["list", .. at]), Does.Contain("topic-1.0.0"));
        foreach (var (identifier, kind) in ((string, string)[])[("base-1.0.0", "embedder"), ("topic-1.0.0", "tower"), ("style-1.0.0", "tower")])
        {
            Assert.That(await Succeed(["fetch", identifier, "--kind", kind, "--cache", Folder["cli-cache"], "--into", Folder["cli-model"], .. at]), Does.Contain("Wrote "));
        }
        Assert.That(ShelfParts.Content(Folder["cli-model"]), Is.SubsetOf(ShelfParts.Content(Folder["m"])).And.Length.EqualTo(4));
        Assert.That(await Succeed(["verify", .. at]), Does.Contain("ok     tower topic-1.0.0"));

        File.WriteAllText(Folder["cli-shelf/v1/tower/topic-1.0.0.tar.gz"], "");
        var (exit, output, _) = await Cli.RunAsync(["shelf", "verify", .. at]);
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(output, Does.Contain("BROKEN tower topic-1.0.0"));
    }

    static IEnumerable<TestCaseData> BadCommands()
    {
        static TestCaseData Case(string expected, params string[] command) => new(expected, command);

        yield return Case("there are 'style-1.0.0', 'topic-1.0.0'", "fetch", "nobody-1.0.0", "--kind", "tower");
        yield return Case("no item's identifier", "fetch", "../up", "--kind", "tower");
        yield return Case("no embedder in", "fetch", "topic-1.0.0", "--kind", "tower", "--into", "{empty}");
        yield return Case("Nothing is named", "publish", "--version", "1", "--licence", "MIT");
        yield return Case("--name is missing", "publish", "--model", "{model}", "--embedder", "--version", "1", "--licence", "MIT");
        yield return Case("--model is missing", "publish", "--tower", "topic", "--version", "1", "--licence", "MIT");
        yield return Case("nobody", "publish", "--model", "{model}", "--tower", "nobody", "--version", "1", "--licence", "MIT");
        yield return Case("has the version '1/2'", "publish", "--model", "{model}", "--tower", "topic", "--version", "1/2", "--licence", "MIT");
        yield return Case("no metric", "publish", "--model", "{model}", "--tower", "topic", "--version", "1", "--licence", "MIT", "--metric", "good");
    }

    [TestCaseSource(nameof(BadCommands))]
    public async Task ABadCommandIsAClearErrorAndWritesNothing(string expected, string[] command)
    {
        var before = ShelfParts.Content(Folder["shelf"]);
        var (exit, output, errors) = await Cli.RunAsync(["shelf", .. command.Select(argument => argument.Replace("{model}", Folder["m"], StringComparison.Ordinal).Replace("{empty}", Folder["empty"], StringComparison.Ordinal)),
            .. command[0] == "fetch" ? (string[])["--cache", Folder["bad-cache"]] : [], "--shelf", Folder["shelf"], "--tag", "v1"]);
        Assert.That(exit, Is.EqualTo(1), errors);
        Assert.That(errors, Does.Contain("error: ").And.Contain(expected).And.Not.Contain("   at "));
        Assert.That(output, Is.Empty);
        Assert.That(ShelfParts.Content(Folder["shelf"]), Is.EqualTo(before));
        Assert.That(Path.Exists(Folder["empty"]), Is.False);
    }

    [Test]
    public async Task TwoProcessesFetchOnceAndAKilledOneLeavesTheItemToOthers()
    {
        await using var server = await FileServer.StartAsync(Folder["shelf"]);
        var asked = new TaskCompletionSource();
        server.Next(async (context, _) =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        string[] fetch = ["shelf", "fetch", "topic-1.0.0", "--kind", "tower", "--cache", Folder["shared-cache"], "--shelf", server.Url, "--tag", "v1"];
        using (var killed = Cli.Start(fetch))
        {
            await asked.Task;           // it holds the lock now
            killed.Kill();
            await killed.WaitForExitAsync();
        }
        var (first, second) = (Cli.RunAsync(fetch), Cli.RunAsync(fetch));
        Assert.That((await first).Exit, Is.Zero, (await first).Errors);
        Assert.That((await second).Output, Is.EqualTo((await first).Output));
        Assert.That(server.Archives, Has.Length.EqualTo(2), "One of the killed process, one of both others.");
    }

    static async Task<string> Succeed(string[] command)
    {
        var (exit, output, errors) = await Cli.RunAsync(["shelf", .. command]);
        Assert.That(exit, Is.Zero, errors);
        return output;
    }

    static Shelf Open() => new(ShelfParts.Options(Folder["shelf"], Folder["cache"]));

    static ModelFolder Make(string name, int seed, int towerSeed = 5, string[]? towers = null, string characters = SmallParts.Characters)
    {
        var model = new ModelFolder(Folder[name], Types);
        var preprocessor = new Preprocessor(Vocabulary.Fit([characters]), new() { MaxLength = 40 });
        torch.random.manual_seed(seed);
        using var embedder = new ConvEmbedder(SmallParts.EmbedderOptions with { Vocabulary = preprocessor.Vocabulary.Count });
        model.Save(embedder, preprocessor);
        torch.random.manual_seed(towerSeed);
        foreach (var tower in towers ?? ["style", "topic"])
        {
            using var made = SmallParts.Tower(embedder);
            model.Save(tower, made, embedder);
        }
        using var head = torch.nn.Linear(3, 2);
        if (towers is null)
        {
            using var topic = model.LoadTower("topic", embedder);
            model.SaveHead("topic", head, "two labels", HeadBase.Of(embedder, "topic", topic));
        }
        return model;
    }

    static void Composed(ModelFolder model, string file)
    {
        var preprocessor = model.LoadPreprocessor();
        using var embedder = model.LoadEmbedder(preprocessor);
        OnnxFile.Save(Composer.Compose(ModelExporter.Export(embedder, preprocessor), [.. model.TowerNames.Select(name =>
        {
            using var tower = model.LoadTower(name, embedder);
            return (name, ModelExporter.Export(tower, embedder, preprocessor));
        })], new() { Pooling = new(Pooling.MeanMax) }), file);
    }
}
