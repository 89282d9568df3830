using Cclm.Tests.Training;
using Cclm.Training;
using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Docs;

/// <summary>docs/training.md, compiled and run: its C# is the region of this file, word for word, and its commands are run with few steps.</summary>
public sealed class TrainingExample
{
    [Test]
    public void ARunFromCodeGoesOnWhereItWas()
    {
        using var folder = new TempFolder();
        var path = folder.Write("text.txt", string.Concat(Enumerable.Range(0, 200).Select(i => $"the {i}th line of a text\n")));
        var first = Run(path, folder["run"]);
        Assert.That((first.Steps, first.End), Is.EqualTo((40, RunEnd.Completed)));
        Assert.That(first.BestStep, Is.EqualTo(20).Or.EqualTo(40));
        Assert.That(Run(path, folder["run"]).Losses, Is.EqualTo(first.Losses), "It is over, and says what it was.");
    }

    [Test]
    public async Task TheCommandsOfTheDocumentRun()
    {
        using var folder = new TempFolder();
        folder.Write("text.txt", string.Concat(Enumerable.Range(0, 300).Select(i => $"the {i}th line of a text\n")));
        folder.Write("labels.tsv", string.Concat(Enumerable.Range(0, 300).Select(i => $"{(i % 2 == 0 ? "even" : "odd")}\tthe {i}th line of a text\n")));
        using var there = new CurrentFolder(folder.Path);
        foreach (var line in Documents.Commands("training.md"))
        {
            var arguments = Documents.Arguments(line);
            arguments = [.. arguments.Contains("--steps") ? arguments.Select(argument => argument == "2000" ? "4" : argument) : [.. arguments, "--steps", "4"]];
            var first = !Directory.Exists("my-model/towers");
            var (exit, _, errors) = await App.Cli.RunAsync(first ? [.. arguments, "--embedder-options", """{"blocks":1,"filters":8,"globalFilters":4}"""] : arguments);
            Assert.That(exit, Is.Zero, $"{line}\n{errors}");
        }
        Assert.That(Directory.GetFiles("my-model/towers").Select(Path.GetFileName).Order(StringComparer.Ordinal), Is.EqualTo(new[] { "char_mask.safetensors", "topic.safetensors" }));
    }

    static TrainingResult Run(string path, string run)
    {
        var preprocessor = SmallParts.Preprocessor;
        using var embedder = SmallParts.Embedder();
        using var tower = SmallParts.Tower(embedder);
        #region code
        var corpus = Corpus.Open(new() { Paths = [path] });
        var train = corpus.Where(text => !Corpus.IsHeldOut(text, permille: 50));
        var heldOut = Corpus.HeldOut(corpus.Read().Select(row => row.Row), text => text, permille: 50);

        using var pretrainer = new CharacterMaskPretrainer("char_mask", preprocessor, embedder, tower, new() { Augmentor = Augmentors.Typos(0.1) });
        var result = pretrainer.Train(train, new() { Steps = 40, EvaluateEvery = 20, AverageDecay = 0.9 }, heldOut, new RunFolder(run));
        #endregion
        return result;
    }
}
