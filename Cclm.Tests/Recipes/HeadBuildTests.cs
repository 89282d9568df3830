using System.Text.Json.Nodes;
using Cclm.Inference;
using NUnit.Framework;

namespace Cclm.Tests.Recipes;

/// <summary>Heads of a recipe: made from their towers, and from nothing else.</summary>
[Parallelizable]
public sealed class HeadBuildTests : TorchFixture
{
    [Test]
    public void AHeadIsMadeFromItsTowersAlone()
    {
        using var folder = new BuildFolder();
        folder.Build();
        var plain = folder.Files();
        folder.Edit(recipe => recipe["heads"] = new JsonArray(
            new JsonObject { ["name"] = "mood", ["task"] = "categorical", ["corpus"] = "sizes", ["towers"] = new JsonArray("size", "chars"), ["training"] = new JsonObject { ["steps"] = 3 } }));
        string[] head = ["head mood", "export of head mood", "composition", "evaluation"];
        Assert.That(folder.Build(), Is.EqualTo(head));
        Assert.That(folder.Files().Where(file => plain.ContainsKey(file.Key) && plain[file.Key] != file.Value).Select(file => file.Key),
            Is.EquivalentTo(new[] { "recipe.lock.json", "model.onnx", "text.onnx", "evaluation.json" }), "The towers stay as they were.");
        using (var model = CclmModel.Load(folder["recipe/model.onnx"]))
        {
            Assert.That(model.Classify("a thing", "mood").Select(label => label.Label), Is.EquivalentTo(new[] { "large", "small" }));
        }
        Assert.That(JsonNode.Parse(File.ReadAllText(folder["recipe/evaluation.json"]))!["heads"]!["mood"]!["accuracy"], Is.Not.Null);
        folder.Edit(recipe => recipe["towers"]![1]!["training"]!["steps"] = 4);
        Assert.That(folder.Build(), Is.EqualTo(new[] { "tower topic", "export of topic", "composition", "evaluation" }), "It does not stand on that tower.");
        folder.Edit(recipe => recipe["towers"]![2]!["training"]!["steps"] = 4);
        Assert.That(folder.Build(), Is.EqualTo(new[] { "tower size", "head mood", "export of size", "export of head mood", "composition", "evaluation" }));
        Assert.That(folder.Build(), Is.Empty);
        folder.Edit(recipe => recipe["heads"] = new JsonArray());
        Assert.That(folder.Build(), Is.EqualTo(new[] { "composition", "evaluation" }));
    }

    [TestCase("name", "topic", "heads[0].name is 'topic', as another's")]
    [TestCase("corpus", "none", "heads[0].corpus is 'none'")]
    [TestCase("task", "guess", "heads[0].task is 'guess'")]
    [TestCase("task", "char-mask", "heads[0].task is 'char-mask'")]
    [TestCase("corpus", "text", "('mood') can not be trained")]
    public void AHeadThatCanNotBeMadeIsAnErrorBeforeAnythingIs(string property, string value, string expected)
    {
        using var folder = new BuildFolder();
        var head = new JsonObject { ["name"] = "mood", ["task"] = "categorical", ["corpus"] = "sizes" };
        head[property] = value;
        folder.Edit(recipe => recipe["heads"] = new JsonArray(head));
        Assert.That(() => folder.Build(), Throws.TypeOf<InvalidDataException>().With.Message.Contains(expected));
        Assert.That(File.Exists(folder["recipe/training/embedder.safetensors"]), Is.False);
    }
}
