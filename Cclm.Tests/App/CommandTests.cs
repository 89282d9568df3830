using System.Text.Json;
using Cclm.Inference;
using Cclm.Tests.Docs;
using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.App;

/// <summary>The commands on small texts, good and bad. A model is made once for all.</summary>
[Parallelizable]
public sealed partial class CommandTests : CommandFixture
{
    const string SmallEmbedder = """{"blocks":1,"filters":8,"globalFilters":4}""";

    static readonly TempFolder Folder = new();

    [OneTimeSetUp]
    public async Task MakeAModel()
    {
        File.WriteAllLines(Folder["text.txt"], Enumerable.Range(0, 80).Select(i => $"line {i} of a text about everything \u00e9\U0001F600"));
        File.WriteAllLines(Folder["labels.tsv"], Enumerable.Range(0, 80).Select(i => $"{(i % 2 == 0 ? "even" : "odd")}\tnumber {i} of a list"));
        await Succeed("pretrain", "char-mask", "--corpus", Folder["text.txt"], "--model", Folder["m"], "--steps", "3", "--embedder-options", SmallEmbedder, "--max-length", "40");
        await Succeed("pretrain", "categorical", "--corpus", Folder["labels.tsv"], "--model", Folder["m"], "--name", "topic", "--steps", "3");
        await Succeed("export", Folder["m"], "--output", Folder["parts"]);
        await Succeed("compose", Folder["parts"], "--output", Folder["model.onnx"]);
        await Succeed("compose", Folder["parts"], "--output", Folder["text.onnx"], "--text-in", "--towers", "topic", "char_mask");
        await Succeed("compose", Folder["parts"], "--output", Folder["positions.onnx"], "--pooling", "none");
    }

    [OneTimeTearDown]
    public void Clean() => Folder.Dispose();

    [Test]
    public async Task JsonIsJsonAndNothingElse()
    {
        var (_, lines, _) = await Cli.RunAsync("one\ntwo\n"u8.ToArray(), "embed", Folder["model.onnx"], "--json");
        using var model = CclmModel.Load(Folder["model.onnx"]);
        foreach (var (line, text) in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Zip(["one", "two"]))
        {
            var row = JsonDocument.Parse(line).RootElement;
            Assert.That(row.GetProperty("text").GetString(), Is.EqualTo(text));
            Assert.That(row.GetProperty("embedding").EnumerateArray().Select(x => x.GetSingle()), Is.EqualTo(model.Embed(text)).Within(1e-6f));
        }
        foreach (var command in (string[][])[["inspect", Folder["model.onnx"], "--json"], ["export", Folder["m"], "--output", Folder["again"], "--json"]])
        {
            var (_, output, _) = await Cli.RunAsync(command);
            Assert.That(() => JsonDocument.Parse(output), Throws.Nothing, output);
        }
    }

    [Test]
    public async Task ATextInFileGivesTheVectorsOfTheIdsInFile()
    {
        using var ids = CclmModel.Load(Folder["model.onnx"]);
        using var text = CclmModel.Load(Folder["text.onnx"]);
        Assert.That(text.Embed("line 3", tower: "topic"), Is.EqualTo(ids.Embed("line 3", tower: "topic")).Within(1e-6f));
        Assert.That(text.Towers.Select(tower => tower.Name), Is.EqualTo(new[] { "topic", "char_mask" }), "in the order that was asked for");
        var (_, shown, _) = await Cli.RunAsync("inspect", Folder["text.onnx"]);
        Assert.That(shown, Does.Contain("topic").And.Contain("char_mask").And.Contain("text"));
    }

    [Test]
    public async Task WhatARunTakesIsToldPartByPart()
    {
        var (_, ids, _) = await Cli.RunAsync("inspect", Folder["model.onnx"], "--at", "3x8", "--json");
        var (_, text, _) = await Cli.RunAsync("inspect", Folder["text.onnx"], "--at", "3x8");
        var cost = JsonDocument.Parse(ids).RootElement.GetProperty("cost");
        Assert.That(cost.GetProperty("parts").EnumerateArray().Select(part => part.GetProperty("name").GetString()), Is.EquivalentTo((string[])["embedder", "towers.char_mask", "towers.topic", "rest"]));
        Assert.That(cost.GetProperty("parts").EnumerateArray().Sum(part => part.GetProperty("multiplyAdds").GetInt64()), Is.EqualTo(cost.GetProperty("all").GetProperty("multiplyAdds").GetInt64()).And.Positive);
        Assert.That(cost.GetProperty("unknownEdges").GetInt32(), Is.Zero);
        Assert.That(text, Does.Contain("at B=3, T=8").And.Contain("GFLOP").And.Contain("edges of unknown size"));
    }

    [Test]
    public async Task WhatWasComposedIsTold()
    {
        var (exit, output, errors) = await Cli.RunAsync("compose", Folder["parts"], "--output", Folder["told.onnx"], "--heads", "topic");
        Assert.That(exit, Is.Zero, errors);
        Assert.That(output, Does.Contain("told.onnx: embedder, tower char_mask, tower topic, head topic ("));
    }

    [Test]
    public async Task AReplacedTowerChangesItsOwnFileAndItsHeadAlone()
    {
        foreach (var file in Directory.GetFiles(Folder["m"], "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Folder[Path.Combine("copy", Path.GetRelativePath(Folder["m"], file))], overwrite: true);
        }
        await Succeed("pretrain", "categorical", "--corpus", Folder["labels.tsv"], "--model", Folder["copy"], "--name", "topic", "--steps", "2", "--replace", "--seed", "9");
        await Succeed("export", Folder["copy"], "--output", Folder["copy-parts"]);
        string[] changed = [.. Directory.GetFiles(Folder["parts"], "*", SearchOption.AllDirectories)
            .Where(file => !File.ReadAllBytes(file).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(Folder["copy-parts"], Path.GetRelativePath(Folder["parts"], file)))))
            .Select(file => Path.GetRelativePath(Folder["parts"], file))];
        Assert.That(changed, Is.EquivalentTo(new[] { Path.Combine("towers", "topic.onnx"), Path.Combine("heads", "topic.onnx") }));
    }

    [TestCase("char-mask --corpus text.txt", 20, "warning: 80 of 80 texts are longer than the 19 characters that the model reads, and are cut: 90% have up to 37, the longest 37.")]
    [TestCase("char-mask --corpus text.txt", 38, null)]
    [TestCase("contrastive --corpus labels.tsv --text-column 1 2", 15, "warning: 80 of 160 texts are longer than the 14 characters")]
    [TestCase("contrastive --corpus labels.tsv --text-column 1 2", 20, null, Description = "Pairs are longer, their texts are not.")]
    public async Task TextsThatAreCutAreAWarning(string task, int maxLength, string? expected)
    {
        var arguments = Documents.Arguments(task.Replace("--corpus ", $"--corpus {Folder.Path}/", StringComparison.Ordinal));
        var (exit, _, errors) = await Cli.RunAsync(["pretrain", .. arguments, "--model", Folder[$"cut-{arguments[0]}-{maxLength}"], "--embedder-options", SmallEmbedder, "--max-length", $"{maxLength}", "--steps", "1"]);
        Assert.That(exit, Is.Zero, errors);
        Assert.That(errors, expected is null ? Does.Not.Contain("are cut") : Does.Contain(expected).And.Contain("--max-length"));
    }

    [Test]
    [Platform("Linux,MacOsX")]
    public async Task CtrlCSavesTheRunAndContinueEndsItAsIfItHadNotBeenStopped()
    {
        string[] sizes = ["--embedder-options", SmallEmbedder, "--max-length", "40", "--tower", "strided", "--tower-options", """{"layers":1,"heads":2,"feedForward":16}"""];
        string[] Command(string model, params string[] more) => ["pretrain", "char-mask", "--corpus", Folder["text.txt"], "--model", Folder[model], "--steps", "400", "--threads", "1", .. more];
        var (exit, _, errors) = await Cli.InterruptAsync("char_mask:", times: 1, Folder["stopped/runs"], Command("stopped", sizes));
        Assert.That(exit, Is.EqualTo(130), errors);
        Assert.That(errors, Does.Contain("--continue").And.Contain("of 400"));
        Assert.That(File.Exists(Folder["stopped/towers/char_mask.safetensors"]), Is.False, "A tower is there when its training is over.");
        var (again, _, refused) = await Cli.RunAsync(Command("stopped"));
        Assert.That(again, Is.EqualTo(1));
        Assert.That(refused, Does.Contain("interrupted").And.Contain("--continue"));
        foreach (var (option, value, difference) in ((string, string, string)[])
            [("--max-length", "50", "--max-length was 40 and is 50"),
             ("--embedder-options", """{"blocks":2,"filters":8,"globalFilters":4}""", "--embedder-options.blocks was 1 and is 2"),
             ("--tower", "transformer", "--tower was \"strided\" and is \"transformer\""),
             ("--tower-options", """{"layers":1,"heads":4,"feedForward":16}""", "--tower-options.heads was 2 and is 4. That")])
        {
            var (failed, _, message) = await Cli.RunAsync(Command("stopped", "--continue", option, value));
            Assert.That((failed, message.Contains($"begun otherwise: {difference}", StringComparison.Ordinal)), Is.EqualTo((1, true)), message);
        }
        await Succeed(Command("stopped", "--continue", "--max-length", "40"));       // the other sizes are the run's
        await Succeed(Command("whole", sizes));
        foreach (var file in (string[])["preprocessor.json", "embedder.safetensors", "towers/char_mask.safetensors", "heads/char_mask.safetensors"])
        {
            Assert.That(File.ReadAllBytes(Folder[$"stopped/{file}"]), Is.EqualTo(File.ReadAllBytes(Folder[$"whole/{file}"])), file);
        }
    }

    [Test]
    public async Task ATowerIsTrainedLongerUntilTheStepsThatAreAskedFor()
    {
        string[] command = ["pretrain", "char-mask", "--corpus", Folder["text.txt"], "--model", Folder["longer"], "--embedder-options", SmallEmbedder, "--max-length", "40", "--json", "--continue"];
        foreach (var (steps, expected) in ((int, int)[])[(4, 4), (4, 4), (9, 9), (6, 9)])
        {
            var (exit, output, errors) = await Cli.RunAsync([.. command, "--steps", $"{steps}"]);
            Assert.That(exit, Is.Zero, errors);
            Assert.That(JsonDocument.Parse(output).RootElement.GetProperty("steps").GetInt32(), Is.EqualTo(expected));
        }
        await Succeed("pretrain", "categorical", "--corpus", Folder["labels.tsv"], "--model", Folder["longer"], "--steps", "2");
        var embedder = File.ReadAllBytes(Folder["longer/embedder.safetensors"]);
        var tower = File.ReadAllBytes(Folder["longer/towers/char_mask.safetensors"]);
        await Succeed([.. command, "--steps", "9"]);
        Assert.That(File.ReadAllBytes(Folder["longer/towers/char_mask.safetensors"]), Is.EqualTo(tower), "There is nothing left to do.");
        await Succeed([.. command, "--steps", "12"]);
        Assert.That(File.ReadAllBytes(Folder["longer/towers/char_mask.safetensors"]), Is.Not.EqualTo(tower));
        Assert.That(File.ReadAllBytes(Folder["longer/embedder.safetensors"]), Is.EqualTo(embedder), "Another tower has come to stand on it.");
    }

    /// <summary>The teacher of a tower and that of a head are made of the same texts: those that are trained on.</summary>
    [Test]
    public async Task NoHeadLearnsFromWhatIsHeldOut()
    {
        string[] options = ["--corpus", Folder["text.txt"], "--model", Folder["taught"], "--steps", "1", "--task-options", """{"words":{"width":3,"minCount":1}}"""];
        await Succeed(["pretrain", "distil", .. options, "--embedder-options", SmallEmbedder, "--max-length", "40"]);
        await Succeed(["finetune", "distil", .. options, "--name", "again", "--freeze", "embedder", "towers"]);
        string Answer(string head) => Safetensors.Read(Folder[$"taught/heads/{head}.safetensors"]).Metadata["cclm.head"];
        Assert.That(Answer("again"), Is.EqualTo(Answer("distil")).And.Contains("the corpus' words"));

        Directory.Delete(Folder["taught/runs/again"], recursive: true);
        var head = File.ReadAllBytes(Folder["taught/heads/again.safetensors"]);
        var (exit, _, errors) = await Cli.RunAsync(["finetune", "distil", .. options, "--name", "again", "--freeze", "embedder", "towers", "--continue"]);
        Assert.That((exit, errors), Is.EqualTo((1, errors)));
        Assert.That(errors, Does.Contain("no run of it to go on with").And.Contain("--replace"));
        Assert.That(File.ReadAllBytes(Folder["taught/heads/again.safetensors"]), Is.EqualTo(head));
    }

    /// <summary>A kill between the renames of a save leaves some files of it; the run has them all.</summary>
    [Test]
    public async Task ARunPutsBackWhatIsGoneOfWhatItTrained()
    {
        string[] command = ["pretrain", "char-mask", "--corpus", Folder["text.txt"], "--model", Folder["gone"], "--embedder-options", SmallEmbedder, "--max-length", "40", "--threads", "1", "--steps", "3", "--continue"];
        await Succeed(command);
        string[] files = ["preprocessor.json", "embedder.safetensors", "towers/char_mask.safetensors", "heads/char_mask.safetensors"];
        var whole = files.Select(file => File.ReadAllBytes(Folder[$"gone/{file}"])).ToArray();
        foreach (var gone in (int[][])[[2], [2, 3], [1, 2, 3], [0, 1, 2, 3]])
        {
            File.Delete(Folder["gone/runs/char_mask/saved"]);
            Array.ForEach(gone, file => File.Delete(Folder[$"gone/{files[file]}"]));
            await Succeed(command);
            Assert.That(files.Select(file => File.ReadAllBytes(Folder[$"gone/{file}"])), Is.EqualTo(whole), string.Join(", ", gone.Select(file => files[file])));
        }
    }

    [Test]
    public async Task ATowerThatCameWithoutItsRunAndHeadIsTrainedOn()
    {
        string[] command = ["pretrain", "char-mask", "--corpus", Folder["text.txt"], "--model", Folder["fetched"], "--embedder-options", SmallEmbedder, "--max-length", "40", "--steps", "3"];
        await Succeed(command);
        Directory.Delete(Folder["fetched/runs"], recursive: true);
        File.Delete(Folder["fetched/heads/char_mask.safetensors"]);
        var before = File.ReadAllBytes(Folder["fetched/towers/char_mask.safetensors"]);
        await Succeed([.. command, "--continue"]);
        Assert.That(File.ReadAllBytes(Folder["fetched/towers/char_mask.safetensors"]), Is.Not.EqualTo(before));
    }

    [Test]
    [Platform("Linux,MacOsX")]
    public async Task ARunIsNotGoneOnWithAsAnotherAndAReplacingOneIs()
    {
        string[] Command(params string[] more) => ["pretrain", "char-mask", "--corpus", Folder["text.txt"], "--model", Folder["replaced"], "--embedder-options", SmallEmbedder, "--max-length", "40", "--threads", "1", .. more];
        await Succeed(Command("--steps", "2"));
        string[] replacing = Command("--steps", "300", "--tower-options", """{"layers":1,"heads":4}""", "--task-options", """{"rate":0.2}""");
        var (exit, _, errors) = await Cli.InterruptAsync("char_mask:", times: 1, Folder["replaced/runs"], [.. replacing, "--replace"]);
        Assert.That((exit, errors.Contains("without --replace", StringComparison.Ordinal)), Is.EqualTo((130, true)), errors);
        foreach (var (expected, other) in ((string, string[])[])
            [("the task", Command("--steps", "300", "--tower-options", """{"layers":1,"heads":4}""", "--task-options", """{"rate":0.3}""")),
             ("--tower-options.heads", Command("--steps", "300", "--tower-options", """{"layers":1,"heads":2}""", "--task-options", """{"rate":0.2}"""))])
        {
            var (failed, _, message) = await Cli.RunAsync([.. other, "--continue"]);
            Assert.That((failed, message.Contains($"{expected} was", StringComparison.Ordinal)), Is.EqualTo((1, true)), message);
        }
        await Succeed([.. replacing, "--continue"]);
    }

    [TestCase("", "demo")]
    [TestCase("pretrain", "char-mask")]
    public async Task WhereTheCommandIsMissingThereAreItsCommands(string line, string expected)
    {
        var (exit, output, _) = await Cli.RunAsync(Documents.Arguments(line));
        Assert.That(exit, Is.EqualTo(2));
        Assert.That(output, Does.Contain("Commands:").And.Contain(expected));
    }

    [TestCase("")]
    [TestCase("demo")]
    [TestCase("pretrain char-mask")]
    [TestCase("pretrain categorical")]
    [TestCase("pretrain tagging")]
    [TestCase("finetune")]
    [TestCase("finetune categorical")]
    [TestCase("export")]
    [TestCase("compose")]
    [TestCase("embed")]
    [TestCase("inspect")]
    public async Task HelpHasExamples(string command)
    {
        var (exit, output, _) = await Cli.RunAsync([.. Documents.Arguments(command), "--help"]);
        Assert.That(exit, Is.Zero);
        Assert.That(output, command.Length > 0 ? Does.Match($"Examples?:\\s+cclm {command}") : Does.Contain("pretrain"));
    }

    [Test]
    [Platform("Linux,MacOsX")]
    public async Task ASecondCtrlCStopsAtOnce()
    {
        var (exit, _, errors) = await Cli.InterruptAsync("char_mask:", times: 3, writes: null, "pretrain", "char-mask", "--corpus", Folder["text.txt"], "--model", Folder["stopped-at-once"],
            "--embedder-options", SmallEmbedder, "--max-length", "40", "--steps", "1000000");
        Assert.That(exit, Is.EqualTo(130), errors);
        Assert.That(errors, Does.Not.Contain("   at "));
    }

    [Test]
    public async Task TwoProcessesDoNotTrainInOneFolder()
    {
        using var alone = new Cclm.Training.ModelFolder(Folder["m"], new()).Lock();
        var (exit, _, errors) = await Cli.RunAsync("pretrain", "char-mask", "--corpus", Folder["text.txt"], "--model", Folder["m"], "--name", "other");
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(errors, Does.Contain("another process"));
    }

    /// <summary>Lines, JSON, a table and help; to a full disk and to nothing at all.</summary>
    [Test]
    [Platform("Linux")]
    public async Task AnOutputThatCanNotBeWrittenIsNamed([Values("embed model.onnx x", "inspect model.onnx --json", "inspect model.onnx", "embed --help")] string command, [Values(">/dev/full", ">&-")] string redirection)
    {
        using var shell = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("sh", ["-c", $"dotnet '{Cli.App}' {command} {redirection}"]) { WorkingDirectory = Folder.Path, RedirectStandardError = true })!;
        var errors = await shell.StandardError.ReadToEndAsync();
        await shell.WaitForExitAsync();
        Assert.That(shell.ExitCode, Is.EqualTo(1), errors);
        Assert.That(errors, Does.Contain("error: Standard output could not be written: ").And.Contain(redirection == ">&-" ? "closed" : "No space left"));
    }

    [Test]
    public async Task ExportingAgainLeavesNothingBeside()
    {
        var before = Directory.GetFileSystemEntries(Folder["parts"], "*", SearchOption.AllDirectories);
        await Succeed("export", Folder["m"], "--output", Folder["parts"]);
        Assert.That(Directory.GetFileSystemEntries(Folder["parts"], "*", SearchOption.AllDirectories), Is.EquivalentTo(before));
    }

    static async Task Succeed(params string[] arguments)
    {
        var (exit, _, errors) = await Cli.RunAsync(arguments);
        Assert.That(exit, Is.Zero, errors);
    }
}
