using System.Text.Json.Nodes;
using Cclm.Inference;
using Cclm.Training.Recipes;
using NUnit.Framework;

namespace Cclm.Tests.Recipes;

/// <summary>Several towers of a recipe that are trained in one run, with the embedder under them.</summary>
[Parallelizable]
public sealed class TogetherBuildTests : TorchFixture
{
    static readonly string[] Trained = ["embedder", "tower size"];
    static readonly string[] Rest = ["export of the embedder", "export of chars", "export of topic", "export of size", "composition", "evaluation"];

    static BuildFolder Folder()
    {
        var folder = new BuildFolder();
        folder.Edit(recipe =>
        {
            recipe["embedder"]!["together"] = new JsonObject { ["weights"] = new JsonObject { ["topic"] = 1, ["chars"] = 2 }, ["training"] = new JsonObject { ["steps"] = 6, ["batchSize"] = 8, ["checkpointEvery"] = 2 } };
            recipe["towers"]![0]!.AsObject().Remove("training");
            recipe["towers"]![1]!.AsObject().Remove("training");
        });
        return folder;
    }

    [Test]
    public void EachTowerComesOutOnItsOwnAndIsMadeAgainWithTheOthersOnly()
    {
        using var folder = Folder();
        Assert.That(folder.Build(), Is.EqualTo((string[])["preprocessor", .. Trained, .. Rest]));
        using (var model = CclmModel.Load(folder["recipe/model.onnx"]))
        {
            Assert.That(model.Towers.Select(tower => tower.Name), Is.EqualTo(new[] { "chars", "topic", "size" }));
        }
        var towers = JsonNode.Parse(File.ReadAllText(folder["recipe/evaluation.json"]))!["towers"]!;
        Assert.That(new[] { "chars", "topic", "size" }.Select(tower => (int)towers[tower]!["steps"]!), Is.EqualTo(new[] { 6, 6, 3 }));
        Assert.That((double)towers["chars"]!["loss"]!, Is.Not.EqualTo((double)towers["topic"]!["loss"]!));
        Assert.That(folder.Build(), Is.Empty);

        folder.Edit(recipe => recipe["towers"]![2]!["training"]!["steps"] = 4);
        Assert.That(folder.Build(), Is.EqualTo(new[] { "tower size", "export of size", "composition", "evaluation" }), "It stands beside them.");
        folder.Edit(recipe => recipe["embedder"]!["together"]!["weights"]!["chars"] = 0.1);
        Assert.That(folder.Plan().First(verdict => verdict.Step == "embedder").ToString(), Does.Contain("chars.training.weight was 2 and is 0.1"));
        Assert.That(folder.Build(), Is.EqualTo((string[])[.. Trained, .. Rest]));
        folder.Edit(recipe => recipe["towers"]![1]!["taskOptions"] = new JsonObject { ["augmentation"] = new JsonObject { ["typos"] = 0.5 } });
        Assert.That(folder.Build(), Is.EqualTo((string[])[.. Trained, .. Rest]));
    }

    [Test]
    public void ARecipeMayGoBackToOneTowerAfterTheOther()
    {
        using var folder = Folder();
        folder.Build();
        File.WriteAllText(folder["recipe.json"], BuildFolder.RecipeText);
        folder.Build();
        using var straight = new BuildFolder();
        straight.Build();
        Assert.That(folder.Files().Where(file => file.Key != "recipe.lock.json"), Is.EqualTo(straight.Files().Where(file => file.Key != "recipe.lock.json")));
    }

    [Test]
    public void ABuildThatWasStoppedComesOutAsOneThatWasNot()
    {
        using BuildFolder whole = Long(), folder = Long();
        whole.Build();
        using var stop = new CancellationTokenSource();
        var checkpoint = Path.Combine(folder.Output, "training/runs/embedder-together/checkpoints/step-000000004.safetensors");
        var watch = Task.Run(() =>
        {
            while (!File.Exists(checkpoint))
            {
                Thread.Yield();
            }
            stop.Cancel();
        });
        Assert.That(() => folder.Build(stop.Token), Throws.TypeOf<BuildInterruptedException>().With.Message.Contains("embedder"));
        watch.Wait();
        Assert.That(File.Exists(folder["recipe/training/embedder.safetensors"]), Is.False);
        folder.Build();
        Assert.That(folder.Files(), Is.EqualTo(whole.Files()));

        static BuildFolder Long()
        {
            var folder = Folder();
            folder.Edit(recipe => recipe["embedder"]!["together"]!["training"]!["steps"] = 100);
            return folder;
        }
    }

    [TestCase("""{"weights":{"chars":1}}""", "embedder.together.weights names one tower")]
    [TestCase("""{"weights":{}}""", "embedder.together.weights names no tower")]
    [TestCase("""{"weights":{"chars":1,"topc":1}}""", "embedder.together.weights.topc is 'topc'")]
    [TestCase("""{"weights":{"chars":1,"topic":0}}""", "embedder.together.weights.topic is 0; expected a number above 0")]
    [TestCase("""{"weights":{"chars":1,"topic":"two"}}""", "embedder.together.weights.topic is \"two\"; expected a number")]
    [TestCase("""{"weights":{"chars":1,"size":1}}""", "towers[2].training would not be used")]
    [TestCase("""{"weights":{"chars":1,"topic":1},"training":{"steps":0}}""", "embedder.together.training.steps is not sound")]
    [TestCase("""{"training":{"steps":1}}""", "embedder.together.weights is missing")]
    public void WhatCanNotBeMeantIsAnErrorBeforeAnythingIsTrained(string together, string expected)
    {
        using var folder = Folder();
        folder.Edit(recipe => recipe["embedder"]!["together"] = JsonNode.Parse(together));
        Assert.That(() => folder.Build(), Throws.TypeOf<InvalidDataException>().With.Message.Contains(expected));
        Assert.That(File.Exists(folder["recipe/training/embedder.safetensors"]), Is.False);
    }

    [Test]
    public void OneTowerAndSeveralCanNotBothBeTrainedFirst()
    {
        using var folder = Folder();
        folder.Edit(recipe => recipe["embedder"]!["trainedWith"] = "size");
        Assert.That(() => folder.Build(), Throws.TypeOf<InvalidDataException>().With.Message.Contains("embedder.together says otherwise than 'trainedWith'"));
    }
}
