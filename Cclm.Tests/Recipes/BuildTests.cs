using System.Text.Json.Nodes;
using Cclm.Export;
using Cclm.Inference;
using Cclm.Training.Recipes;
using NUnit.Framework;

namespace Cclm.Tests.Recipes;

/// <summary>A build makes what is not there or was made from something else, and nothing else.</summary>
[Parallelizable]
public sealed class BuildTests : TorchFixture
{
    static readonly string[] Everything =
        ["preprocessor", "tower chars", "tower topic", "tower size", "export of the embedder", "export of chars", "export of topic", "export of size", "composition", "evaluation"];

    static readonly string[] AllButThePreprocessor = Everything[1..];

    static readonly BuildFolder Built = new();

    [OneTimeSetUp]
    public void BuildOnce() => Assert.That(Built.Build(), Is.EqualTo(Everything));

    [OneTimeTearDown]
    public void Clean() => Built.Dispose();

    static JsonNode Tower(JsonNode recipe, int i) => recipe["towers"]![i]!;

    /// <summary>What is done to a finished build, what is then made, and what the plan says of it.</summary>
    static readonly Dictionary<string, (Action<BuildFolder> Change, string[] Made, string Reason)> Changes = new()
    {
        ["nothing"] = (folder => { }, [], ""),
        ["a tower's steps"] = (Edit(recipe => Tower(recipe, 1)["training"]!["steps"] = 4),
            ["tower topic", "export of topic", "composition", "evaluation"], "tower topic: train (training.steps was 3 and is 4)"),
        ["a tower's size"] = (Edit(recipe => Tower(recipe, 2)["options"]!["feedForward"] = 9),
            ["tower size", "export of size", "composition", "evaluation"], "options.feedForward was 8 and is 9"),
        ["a task's options"] = (Edit(recipe => Tower(recipe, 1)["taskOptions"] = new JsonObject { ["augmentation"] = new JsonObject { ["typos"] = 0.5 } }),
            ["tower topic", "export of topic", "composition", "evaluation"], "taskOptions.augmentation.typos was 0 and is 0.5"),
        ["a default that is written out"] = (Edit(recipe => (Tower(recipe, 0)["type"], Tower(recipe, 0)["training"]!["learningRate"], Tower(recipe, 1)["taskOptions"]) = ("transformer", 1e-3, new JsonObject())), [], ""),
        ["how often a run is saved"] = (Edit(recipe => (Tower(recipe, 0)["training"]!["checkpointEvery"], Tower(recipe, 1)["training"]!["keepCheckpoints"]) = (1, 5)), [], ""),
        ["the embedder's size"] = (Edit(recipe => recipe["embedder"]!["options"]!["globalFilters"] = 3),
            AllButThePreprocessor, "tower topic: train (training/embedder.safetensors is made anew)"),
        ["the tower that the embedder is trained with"] = (Edit(recipe => recipe["embedder"]!["trainedWith"] = "topic"), AllButThePreprocessor, "training/embedder.safetensors is new in it"),
        ["the longest text"] = (Edit(recipe => recipe["preprocessor"]!["maxLength"] = 30), Everything, "preprocessor.maxLength was 40 and is 30"),
        ["the share that is held out"] = (Edit(recipe => recipe["evaluation"]!["heldOutPermille"] = 51), [.. Everything[..4], "evaluation"], "heldOutPermille was 50 and is 51"),
        ["the order of the slices"] = (Edit(recipe => recipe["composition"]!["towers"] = new JsonArray("size", "chars", "topic")), ["composition", "evaluation"], "towers[0] was \"chars\" and is \"size\""),
        ["the pooling"] = (Edit(recipe => recipe["composition"]!["pooling"] = "max"), ["composition", "evaluation"], "pooling was \"mean_max+layer_norm+l2\" and is \"max+l2\""),
        ["the name of a model"] = (Edit(recipe => recipe["composition"]!["textInFile"] = "strings.onnx"), ["composition"], "textInFile was \"text.onnx\" and is \"strings.onnx\""),
        ["what is measured"] = (Edit(recipe => recipe["evaluation"]!["probe"]!["atMost"] = 39), ["evaluation"], "probe.atMost was 40 and is 39"),
        ["a tower less"] = (Edit(recipe => recipe["towers"]!.AsArray().RemoveAt(2)), ["composition", "evaluation"], "parts/towers/size.onnx is not in it any more"),
        ["a tower more"] = (Edit(recipe => { var more = Tower(recipe, 2).DeepClone(); more["name"] = "again"; recipe["towers"]!.AsArray().Add(more); }),
            ["tower again", "export of again", "composition", "evaluation"], "tower again: train (it was never made)"),
        ["a corpus of another name"] = (Edit(recipe =>
        {
            recipe["corpora"]!["lengths"] = recipe["corpora"]!["sizes"]!.DeepClone();
            Tower(recipe, 2)["corpus"] = "lengths";
            recipe["corpora"]!.AsObject().Remove("sizes");
        }), [], ""),
        ["a corpus in another folder"] = (folder =>
        {
            File.Move(folder["data/sizes.jsonl"], folder["elsewhere/sizes.jsonl"]);
            folder.Edit(recipe => recipe["corpora"]!["sizes"]!["paths"] = new JsonArray("elsewhere/*.jsonl"));
        }, [], ""),
        ["a tower's data"] = (folder => File.AppendAllText(folder["data/sizes.jsonl"], """{"text":"a thing that is huge","size":"huge"}"""),
            ["tower size", "export of size", "composition", "evaluation"], "tower size: train (sizes.jsonl has other content)"),
        ["data without another character"] = (folder => File.AppendAllText(folder["data/more.txt"], "some more\n"), ["preprocessor"], "tower topic: perhaps train (if training/preprocessor.json comes out otherwise than it was"),
        ["data with other characters"] = (folder => File.AppendAllText(folder["data/more.txt"], "ßßß\n"), Everything, "more.txt has other content"),
        ["data written again as it was"] = (folder => File.WriteAllBytes(folder["data/more.txt"], File.ReadAllBytes(folder["data/more.txt"])), [], ""),
        ["fewer bits too"] = (Edit(recipe => recipe["quantization"] = Float16()), ["quantization"], "quantization: convert (it was never made)"),
        ["a model is gone"] = (folder => File.Delete(folder["recipe/model.onnx"]), ["composition"], "composition: stitch (model.onnx is gone)"),
        ["the measurements are gone"] = (folder => File.Delete(folder["recipe/evaluation.json"]), ["evaluation"], "evaluation.json is gone"),
        ["a part is gone"] = (folder => File.Delete(folder["recipe/parts/towers/topic.onnx"]), ["export of topic"], "parts/towers/topic.onnx is gone"),
        ["a part is damaged"] = (folder => Damage(folder["recipe/parts/embedder.onnx"]), ["export of the embedder"], "parts/embedder.onnx was changed"),
        ["a tower is gone"] = (folder => File.Delete(folder["recipe/training/towers/topic.safetensors"]), ["tower topic"], "training/towers/topic.safetensors is gone"),
        ["the embedder is damaged"] = (folder => Damage(folder["recipe/training/embedder.safetensors"]), ["tower chars"], "export of topic: perhaps write"),
        ["a tower and the record of its run are gone"] = (folder =>
        {
            File.Delete(folder["recipe/training/towers/topic.safetensors"]);
            Directory.Delete(folder["recipe/training/runs"], recursive: true);
        }, ["tower topic"], "training/towers/topic.safetensors is gone"),
        ["the preprocessor is gone"] = (folder => File.Delete(folder["recipe/training/preprocessor.json"]), ["preprocessor"], "training/preprocessor.json is gone"),
        ["only the lock is left"] = (folder =>
        {
            foreach (var file in Directory.GetFiles(folder.Output, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".lock.json", StringComparison.Ordinal)))
            {
                File.Delete(file);
            }
        }, Everything, "training/preprocessor.json is gone"),
        ["the lock is gone"] = (folder => File.Delete(folder["recipe/recipe.lock.json"]), Everything, "it was never made"),
    };

    static JsonObject Float16() => new() { ["to"] = "float16", ["corpus"] = "text", ["file"] = "half.onnx" };

    /// <summary>The model in fewer bits is made of the composed one, anew where that is another, and is not there where it says something else.</summary>
    [Test]
    public void QuantizationFollowsTheComposedModel()
    {
        using var folder = new BuildFolder(Built);
        folder.Edit(recipe => recipe["quantization"] = Float16());
        Assert.That(folder.Build(), Is.EqualTo((string[])["quantization"]));
        Assert.That(ModelProperties.Read(OnnxFile.Load(folder["recipe/half.onnx"]))["cclm.precision"], Is.EqualTo("float16"));
        folder.Edit(recipe => recipe["composition"]!["pooling"] = "max");
        Assert.That(folder.Build(), Is.EqualTo((string[])["composition", "quantization", "evaluation"]));
        folder.Edit(recipe => recipe["quantization"]!["to"] = "int8");
        Assert.That(() => folder.Build(), Throws.InstanceOf<OnnxModelException>().With.Message.Contains("has no weight that can be in int8"), "It is too small for that.");
        Assert.That(File.Exists(folder["recipe/half.onnx"]), Is.False);
    }

    static IEnumerable<string> ChangeNames => Changes.Keys;

    [TestCaseSource(nameof(ChangeNames))]
    public void OnlyWhatAChangeAsksForIsMade(string name)
    {
        var (change, expected, reason) = Changes[name];
        using var folder = new BuildFolder(Built);
        change(folder);
        var before = folder.Files();
        var plan = folder.Plan();
        Assert.That(folder.Files(), Is.EqualTo(before), "A plan writes nothing.");
        Assert.That(string.Join('\n', plan), Does.Contain(reason));
        var made = folder.Build();
        Assert.Multiple(() =>
        {
            Assert.That(made, Is.EquivalentTo(expected));
            Assert.That(made, Is.SubsetOf(plan.Where(verdict => verdict.Due != Due.No).Select(verdict => verdict.Step)), "The plan says what may be made.");
            Assert.That(plan.Where(verdict => verdict.Due == Due.Yes && !verdict.Reasons.All(reason => reason.EndsWith("is made anew", StringComparison.Ordinal))).Select(verdict => verdict.Step),
                Is.SubsetOf(made), "What has other inputs of its own is made.");
            Assert.That(folder.Build(), Is.Empty, "Nothing is left to do.");
        });
    }

    [Test]
    public void WhatWasGoneOrDamagedComesOutAsItWas()
    {
        using var folder = new BuildFolder(Built);
        foreach (var name in Changes.Keys.Where(name => name.Contains("gone", StringComparison.Ordinal) || name.Contains("damaged", StringComparison.Ordinal)))
        {
            Changes[name].Change(folder);
            folder.Build();
            Assert.That(folder.Files(), Is.EqualTo(Built.Files()), name);
        }
    }

    [Test]
    public void AChangedTowerChangesItsOwnPartOfTheModelAlone()
    {
        using var folder = new BuildFolder(Built);
        Changes["a tower's steps"].Change(folder);
        folder.Build();
        Assert.That(folder.Files().Where(file => Built.Files()[file.Key] != file.Value).Select(file => file.Key), Is.EquivalentTo((string[])
            ["recipe.lock.json", "training/towers/topic.safetensors", "training/heads/topic.safetensors", "parts/towers/topic.onnx", "model.onnx", "text.onnx", "evaluation.json"]));
        using CclmModel before = CclmModel.Load(Built["recipe/model.onnx"]), after = CclmModel.Load(folder["recipe/model.onnx"]);
        foreach (var tower in (string[])["chars", "size", "topic"])
        {
            Assert.That(after.Embed("a text", tower), tower == "topic" ? Is.Not.EqualTo(before.Embed("a text", tower)) : Is.EqualTo(before.Embed("a text", tower)), tower);
        }
        Assert.That(Weights(folder, "model.onnx").Except(Weights(Built, "model.onnx")).Select(weight => weight.Name), Is.Not.Empty.And.All.StartsWith("towers.topic."));
    }

    [Test]
    public void ATowerThatComesBackIsNotTrainedAgain()
    {
        using var folder = new BuildFolder(Built);
        Changes["a tower less"].Change(folder);
        folder.Build();
        Assert.That(ModelSummary.Of(OnnxFile.Load(folder["recipe/model.onnx"])).Parts.Select(part => part.Name), Is.EqualTo(new[] { "embedder", "chars", "topic" }));
        File.Copy(Built["recipe.json"], folder["recipe.json"], overwrite: true);
        Assert.That(folder.Build(), Is.EqualTo(new[] { "composition", "evaluation" }));
        Assert.That(folder.Files(), Is.EqualTo(Built.Files()));
    }

    [Test]
    public void ATowerThatWasTrainedOnByHandIsTrainedAsTheRecipeSays()
    {
        using var folder = new BuildFolder(Built);
        folder.Edit(recipe => Tower(recipe, 1)["training"]!["steps"] = 6);
        folder.Build();
        File.Copy(Built["recipe/recipe.lock.json"], folder["recipe/recipe.lock.json"], overwrite: true);       // as if another program had trained it further
        File.Copy(Built["recipe.json"], folder["recipe.json"], overwrite: true);
        folder.Build();
        Assert.That(folder.Files(), Is.EqualTo(Built.Files()));
    }

    [Test]
    public void WhatCanNotBeTrainedFailsBeforeAnythingIsTrained()
    {
        using var folder = new BuildFolder();
        folder.Edit(recipe => Tower(recipe, 2)["options"]!["heads"] = 3);
        Assert.That(() => folder.Build(), Throws.TypeOf<InvalidDataException>().With.Message.Contains("towers[2]").And.Message.Contains("'size'").And.Message.Contains("divide"));
        Assert.That(File.Exists(folder["recipe/training/embedder.safetensors"]), Is.False);
        folder.Edit(recipe => (Tower(recipe, 2)["options"]!["heads"], Tower(recipe, 2)["corpus"]) = (4, "text"));
        Assert.That(() => folder.Build(), Throws.TypeOf<InvalidDataException>().With.Message.Contains("towers[2]").And.Message.Contains("no tab"));
        Assert.That(File.Exists(folder["recipe/training/embedder.safetensors"]), Is.False);
    }

    [TestCase("damaged", "{", "was damaged or edited")]
    [TestCase("of another kind", """{"format":"other","formatVersion":1,"steps":{}}""", "'other'")]
    [TestCase("of a later version", """{"format":"cclm.build","formatVersion":2,"steps":{}}""", "version 2")]
    public void ALockThatCanNotBeReadIsNotTakenForNone(string name, string content, string expected)
    {
        using var folder = new BuildFolder(Built);
        File.WriteAllText(folder["recipe/recipe.lock.json"], content);
        Assert.That(folder.Plan, Throws.TypeOf<InvalidDataException>().With.Message.Contains("recipe.lock.json").And.Message.Contains(expected).And.Message.Contains("made anew"), name);
    }

    [Test]
    public void TheEvaluationSaysWhatEachTowerReached()
    {
        var evaluation = JsonNode.Parse(File.ReadAllText(Built["recipe/evaluation.json"]))!;
        foreach (var tower in (string[])["chars", "topic", "size"])
        {
            Assert.That((double)evaluation["towers"]![tower]!["loss"]!, Is.GreaterThan(0));
            Assert.That((int)evaluation["towers"]![tower]!["steps"]!, Is.EqualTo(3));
            Assert.That((double)evaluation["probe"]!["towers"]![tower]!, Is.InRange(0, 1));
        }
        Assert.That((double)evaluation["probe"]!["accuracy"]!, Is.GreaterThan((double)evaluation["probe"]!["majority"]!), "The label is one of the text's words.");
        Assert.That((int)evaluation["probe"]!["trained"]! + (int)evaluation["probe"]!["count"]!, Is.InRange(41, 60));
    }

    static Action<BuildFolder> Edit(Action<JsonNode> change) => folder => folder.Edit(change);

    static void Damage(string file)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.WriteAllBytes(file, bytes);
    }

    static IEnumerable<(string Name, string Data)> Weights(BuildFolder folder, string file) =>
        OnnxFile.Load(folder[$"recipe/{file}"]).Graph.Initializer.Select(weight => (weight.Name, Convert.ToHexString(weight.RawData.Span)));
}
