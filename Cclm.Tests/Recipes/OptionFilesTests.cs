using System.Text.Json.Nodes;
using Cclm.Training;
using NUnit.Framework;

namespace Cclm.Tests.Recipes;

/// <summary>What is in a file that options name counts as the options do.</summary>
[Parallelizable]
public sealed class OptionFilesTests : TorchFixture
{
    [Test]
    public void ATowerIsTrainedAgainWhenAFileOfItsOptionsChanged()
    {
        using var folder = new BuildFolder();
        File.WriteAllText(folder["typos.tsv"], "numbr\tnumber\n");
        folder.Edit(recipe => recipe["towers"]![1]!["taskOptions"] = new JsonObject { ["augmentation"] = new JsonObject { ["misspelt"] = 0.5, ["misspellings"] = "typos.tsv" } });
        folder.Build();
        Assert.That(folder.Build(), Is.Empty);
        File.WriteAllText(folder["typos.tsv"], "nubmer\tnumber\n");
        Assert.That(string.Join('\n', folder.Plan()), Does.Contain("typos.tsv has other content"));
        Assert.That(folder.Build(), Is.EqualTo(new[] { "tower topic", "export of topic", "composition", "evaluation" }));
    }

    [Test]
    public void ARunIsNotGoneOnWithAfterAFileOfItsOptionsChanged()
    {
        using var folder = new TempFolder();
        var path = folder.Write("typos.tsv", "numbr\tnumber\n");
        var job = new TrainingJob
        {
            Name = "t",
            Task = new TaskTypes().Find("categorical"),
            TaskOptions = PartTypes.Write(new CategoricalTaskOptions { Augmentation = new() { Misspelt = 0.5, Misspellings = path } }),
            Corpus = new() { Paths = [path] },
        };
        var before = job.Settings;
        Assert.That(before.Keys, Is.EquivalentTo(new[] { "the task", $"the content of '{path}'" }));
        Assert.That(job.Settings, Is.EqualTo(before));
        File.WriteAllText(path, "nubmer\tnumber\n");
        Assert.That(job.Settings, Is.Not.EqualTo(before));
    }

    /// <summary>A model counts as its parts do, and not as the records of its runs, wherever it is.</summary>
    [Test]
    public void AModelCountsInAFolderOfRunsToo()
    {
        using var folder = new TempFolder();
        var part = folder.Write("runs/first/teacher/embedder.safetensors", "a");
        var record = folder.Write("runs/first/teacher/runs/autoencode/state.json", "b");
        var job = new TrainingJob
        {
            Name = "t",
            Task = new TaskTypes().Find("autoencode"),
            TaskOptions = PartTypes.Write(new AutoencodeTaskOptions { Teacher = folder["runs/first/teacher"] }),
            Corpus = new() { Paths = [part] },
        };
        var before = job.Settings;
        File.WriteAllText(record, "another");
        Assert.That(job.Settings, Is.EqualTo(before));
        File.WriteAllText(part, "another");
        Assert.That(job.Settings, Is.Not.EqualTo(before));
    }
}
