using System.Text.Json.Nodes;
using Cclm.Tests.App;
using Cclm.Tests.Inference;
using Cclm.Tests.Recipes;
using NUnit.Framework;

namespace Cclm.Tests.Premise;

/// <summary><c>cclm evaluate</c> as a user runs it, on data sets of a few rows.</summary>
public sealed class EvaluateCommandTests
{
    static readonly string[][] Sections = [["war", "peace", "treaty"], ["match", "goal", "team"], ["stocks", "profit", "bank"], ["planet", "robot", "software"]];

    [Test]
    public async Task AModelIsMeasuredBesideBaselines()
    {
        using var built = new BuildFolder();
        built.Edit(recipe =>
        {
            recipe["embedder"]!["options"]!["nGrams"] = new JsonArray(2, 3);
            recipe["embedder"]!["options"]!["wordNGrams"] = true;
            recipe["embedder"]!["options"]!["causal"] = true;
            recipe["towers"]!.AsArray().Add(JsonNode.Parse("""{ "name": "next", "task": "causal", "corpus": "text", "options": { "layers": 1, "heads": 1, "feedForward": 8, "causal": true }, "training": { "steps": 3, "batchSize": 8 } }"""));
            recipe["towers"]!.AsArray().Add(JsonNode.Parse("""{ "name": "words", "task": "distil", "corpus": "text", "type": "feed_forward", "taskOptions": { "words": { "width": 3 } }, "training": { "steps": 3, "batchSize": 8 } }"""));
        });
        var (exit, output, errors) = await Cli.RunAsync("build", built["recipe.json"], "--threads", "1");
        Assert.That(exit, Is.Zero, errors);
        Assert.That(output, Does.Match(@"Tower words, held out: loss \d\.\d+, cosine -?\d+\.\d %"), "Every task is told by its own measure.");
        WriteData(built);

        (exit, output, errors) = await Cli.RunAsync("evaluate", "run", "--model", built.Output, "--data", built["sets"], "--output", built["results"], "--labels", "4", "100", "1000", "0", "--seeds", "2", "--tuned", "1",
            "--threads", "1", "--fasttext", "there-is-none", "--encoder", Path.Combine(built.Output, "model.onnx"), "--only", "ag", "dbpedia", "emotions", "cora", "similarity", "entities", "language", "tuned");
        Assert.That(exit, Is.Zero, errors);
        Assert.That(output, Does.Contain("evaluation.md"));
        var measured = JsonNode.Parse(File.ReadAllText(Path.Combine(built["results"], "evaluation.json")))!["measured"]!.AsArray();
        double Mean(string study, string model, string noise = "clean") => measured.Single(row => ((string)row!["study"]!).StartsWith(study, StringComparison.Ordinal) && (string)row["model"]! == model && (string)row["noise"]! == noise)!["mean"]!.GetValue<double>();
        Assert.That(Mean("AG News, all", "word 1-2-grams"), Is.EqualTo(1), "Each section has words of its own.");
        Assert.That(Mean("AG News, all", "composed"), Is.InRange(0, 1));
        Assert.That(Mean("AG News, 100 labels", "words alone", "typos in 40 %"), Is.InRange(0, 1));
        Assert.That(Mean("STS-B test", "words"), Is.GreaterThan(0.9), "Scores are the share of words in common.");
        foreach (var study in (string[])["DBpedia", "GoEmotions, texts of one", "Cora"])
        {
            Assert.That(Mean(study, "without topic"), Is.InRange(0, 1), study);
        }
        Assert.That(measured.Where(row => ((string)row!["study"]!).StartsWith("GoEmotions, any number of emotions, all 48 texts", StringComparison.Ordinal)).Select(row => (string)row!["measure"]!).Distinct(), Is.EqualTo((string[])["macro F1", "micro F1"]));
        foreach (var study in (string[])["AG News, all", "AG News, 100 labels", "DBpedia", "STS-B test"])
        {
            Assert.That(Mean(study, "model.onnx"), Is.EqualTo(Mean(study, "composed")).Within(1e-9), $"{study}: the other encoder is the same file.");
        }
        Assert.That(Mean("AG News test", "next"), Is.InRange(0.5, 12), "Bits a character, of few characters.");
        Assert.That(measured.Count(row => ((string)row!["study"]!).StartsWith("Entities of wnut17", StringComparison.Ordinal)), Is.EqualTo(2));
        Assert.That(measured.Count(row => ((string)row!["study"]!).EndsWith("trained as a whole", StringComparison.Ordinal)), Is.EqualTo(16), "Four models with few labels, two with more, two with all; clean and with typos.");
        Assert.That(File.ReadAllText(Path.Combine(built["results"], "evaluation.md")), Does.Contain("cclm evaluate run").And.Contain("| character 1-5-grams |"));

        string[] again = ["evaluate", "run", "--data", built["sets"], "--output", built["results"], "--no-baselines", "--labels", "4", "--seeds", "1", "--threads", "1", "--only", "ag", "similarity", "dbpedia"];
        (exit, _, errors) = await Cli.RunAsync([.. again, "--model", built.Output]);
        Assert.That((exit, errors), Is.EqualTo((1, errors)));
        Assert.That(errors, Does.Contain("is there already").And.Contain("--replace"));
        var alone = Mean("STS-B test", "words alone");
        (exit, _, errors) = await Cli.RunAsync("compose", Path.Combine(built.Output, "parts"), "--towers", "words", "--output", built["words.onnx"]);
        Assert.That(exit, Is.Zero, errors);
        (exit, _, errors) = await Cli.RunAsync([.. again, "--model", built["words.onnx"], "--replace"]);
        Assert.That(exit, Is.Zero, errors);
        measured = JsonNode.Parse(File.ReadAllText(Path.Combine(built["results"], "evaluation.json")))!["measured"]!.AsArray();
        Assert.That(Mean("STS-B test", "composed"), Is.EqualTo(alone).Within(1e-9), "A tower alone is what a model of that tower is.");
        Assert.That(measured.Select(row => (string)row!["model"]!).Distinct(), Is.EquivalentTo((string[])["composed", "composed, whitened to 256 by 0.25", "composed, whitened to 512 by 0.5", "words alone"]));
    }

    [Test]
    public async Task TextsToLearnFromShareNothingWithTests()
    {
        using var folder = new BuildFolder();
        WriteData(folder);
        const string Tested = "one two three four five six seven eight nine ten eleven twelve";
        Directory.CreateDirectory(folder["sets/wikitext2"]);
        Directory.CreateDirectory(folder["sets/text"]);
        File.WriteAllLines(folder["sets/wikitext2/test.txt"], [Tested]);
        File.WriteAllLines(folder["sets/text/masc.txt"], [$"a line before it: {Tested}", "a line of its own that nobody asks for"]);
        var (exit, output, errors) = await Cli.RunAsync("evaluate", "texts", "--data", folder["sets"], "--output", folder["texts"], "--wordnet", folder["none"], "--free");
        Assert.That(exit, Is.Zero, errors);
        Assert.That(output, Does.Contain("MASC (free): 1 pieces, 38 characters; 1 left out"));
        Assert.That(output, Does.Not.Contain("AG News"), "Its licence does not let what was learned be passed on.");
        var texts = File.ReadAllText(folder["texts/texts.txt"]);
        Assert.That(texts, Does.Contain("a line of its own that nobody asks for").And.Not.Contain("seven eight nine"));
        Assert.That(File.ReadLines(folder["texts/pairs.jsonl"]).First(), Does.StartWith("{\"first\":"));
        Assert.That(File.ReadAllText(folder["texts/topics.jsonl"]), Does.Contain("\"label\":\"System.IO\""));
    }

    [TestCase(new[] { "evaluate", "run", "--model", ".", "--data", ".", "--output", "x", "--only", "nothing" }, "nothing")]
    [TestCase(new[] { "evaluate", "run", "--model", ".", "--data", ".", "--output", "x" }, "model.onnx")]
    [TestCase(new[] { "evaluate", "run", "--model", "folder", "--data", ".", "--output", "x", "--only", "cora", "similarity" }, "'similarity' was left out; it needs stsb/test.tsv")]
    [TestCase(new[] { "evaluate", "run", "--model", "folder", "--data", "header", "--output", "x", "--only", "similarity" }, "'old_index' is no score")]
    [TestCase(new[] { "evaluate", "run", "--model", "folder", "--data", "two-columns", "--output", "x", "--only", "ag" }, "line 2: 2 columns; expected 3")]
    [TestCase(new[] { "evaluate", "run", "--model", "folder", "--data", "no-train", "--output", "x", "--only", "ag" }, "no 'ag_news/train_8k.tsv'")]
    [TestCase(new[] { "evaluate", "run", "--model", "folder", "--data", "strange", "--output", "x", "--only", "ag" }, "a text of 'New', of which no text is learned from; expected '1', '2'")]
    [TestCase(new[] { "evaluate", "run", "--model", "folder", "--data", "strange", "--output", "x", "--only", "emotions" }, "no 'goemotions/dev.tsv'")]
    [TestCase(new[] { "evaluate", "run", "--model", "folder", "--data", "strange", "--output", "x", "--only", "dbpedia" }, "which is not there or is empty")]
    [TestCase(new[] { "evaluate", "run", "--model", "folder/model.onnx", "--data", "no-train", "--output", "x", "--only", "similarity", "language" }, "'language' needs the model in training")]
    [TestCase(new[] { "evaluate", "run", "--model", "folder/model.onnx", "--data", "header", "--output", "x" }, "'entities', 'language', 'tuned' are left out")]
    [TestCase(new[] { "evaluate", "run", "--model", "folder", "--data", ".", "--output", "x", "--seeds", "0" }, "--seeds is 0; expected 1")]
    [TestCase(new[] { "evaluate", "run", "--model", "folder", "--data", ".", "--output", "x", "--labels", "-5" }, "--labels is -5; expected 0")]
    [TestCase(new[] { "evaluate", "texts", "--data", "not-there", "--output", "x" }, "not-there")]
    public async Task WhatIsMissingIsNamed(string[] command, string named)
    {
        using var folder = new TempFolder();
        Cli.GoTo(folder.Path);
        folder.Write("folder/model.onnx", new TinyModel().Bytes());
        folder.Write("header/stsb/test.tsv", "genre\tfile\tyear\tid\told_index\tfirst\tsecond\n");
        folder.Write("two-columns/ag_news/test.tsv", "1\ttitle\ttext\n2\ttitle\n");
        folder.Write("no-train/ag_news/test.tsv", "1\ttitle\ttext\n");
        folder.Write("strange/ag_news/train_8k.tsv", "1\ta text\n2\tanother\n");
        folder.Write("strange/ag_news/test.tsv", "1\ttitle\ttext\nNew\ttitle\ttext\n");
        folder.Write("strange/goemotions/train.tsv", "a text\t1\tid1\n");
        folder.Write("strange/goemotions/test.tsv", "a text\t1\tid2\n");
        var (exit, _, errors) = await Cli.RunAsync(command);
        Assert.That(exit, Is.Not.Zero);
        Assert.That(errors, Does.Contain(named).And.Not.Contain("   at "));
    }

    static void WriteData(BuildFolder folder)
    {
        void Write(string name, IEnumerable<string> lines)
        {
            var path = folder[$"sets/{name}"];
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllLines(path, lines);
        }
        string Text(int section, int i) => $"{Sections[section][i % 3]} and {Sections[section][(i + 1) % 3]} of day {i}";
        IEnumerable<string> Rows(int from, int count, Func<int, int, string> row) => Enumerable.Range(from, count).Select(i => row(i % 4, i));
        Write("ag_news/test.tsv", Rows(100, 24, (section, i) => $"{section}\t{Text(section, i)}\t{Text(section, i + 1)}"));
        Write("ag_news/train_8k.tsv", Rows(0, 48, (section, i) => $"{section}\t{Text(section, i)}"));
        Write("dbpedia14k/train.tsv", Rows(0, 4_040, (section, i) => $"{section}\t{Text(section, i)}"));
        Write("goemotions/train.tsv", Rows(0, 48, (section, i) => $"{Text(section, i)}\t{section}\tid{i}"));
        Write("goemotions/dev.tsv", Rows(60, 24, (section, i) => $"{Text(section, i)}\t{section}\tid{i}"));
        Write("goemotions/test.tsv", Rows(100, 24, (section, i) => $"{Text(section, i)}\t{(i % 5 == 0 ? "1,2" : section)}\tid{i}"));
        Write("graph_cora/data.txt", Rows(0, 30, Text));
        Write("graph_cora/group.txt", Rows(0, 30, (section, _) => $"{section}"));
        Write("stsb/test.tsv", Enumerable.Range(0, 12).Select(i => $"g\tf\ty\t{i}\t{i % 4}\t{string.Join(' ', Sections[0])}\t{string.Join(' ', Sections[0].Take(i % 4).Concat(Sections[1].Take(3 - (i % 4))))}"));
        foreach (var split in (string[])["train", "test"])
        {
            Write($"ner/wnut17/{split}.conll", Enumerable.Range(0, 20).SelectMany(i => (string[])["I\tO", "met\tO", $"{(i % 2 == 0 ? "Ada" : "Bob")}\tB-person", ""]));
        }
    }
}
