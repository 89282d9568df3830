using Cclm.Inference;
using Cclm.Training;
using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Docs;

/// <summary>docs/finetuning.md: its commands one after the other, with few steps of small parts, and its code.</summary>
public sealed class FineTuningExample
{
    [Test]
    public async Task TheCommandsAndTheCodeRun()
    {
        using var folder = new TempFolder();
        using var there = new CurrentFolder(folder.Path);
        LabelledText[] rows = [.. Enumerable.Range(0, 300).Select(i => new LabelledText(i % 2 == 0 ? "even" : "odd", $"the {i}th {(i % 2 == 0 ? "pair" : "single")} of a text"))];
        folder.Write("text.txt", string.Concat(rows.Select(row => $"{row.Text}\n")));
        folder.Write("pairs.tsv", string.Concat(rows.Select((row, i) => $"line {i}\t{row.Text}\n")));
        folder.Write("labels.tsv", string.Concat(rows.Select(row => $"{row.Label}\t{row.Text}\n")));
        folder.Write("moods.tsv", string.Concat(rows.Select((row, i) => $"{(i % 3 == 0 ? "glad" : "sad")}\t{row.Text}\n")));
        folder.Write("names.conll", string.Concat(rows.Select((row, i) => $"line O\n{(i % 2 == 0 ? "Ada" : "Babbage")} B-PER\n\n")));
        foreach (var line in Documents.Commands("finetuning.md"))
        {
            var arguments = Documents.Arguments(line);
            string[] few = arguments[0] is "pretrain" or "finetune" ? ["--steps", "3", "--threads", "1"] : [];
            string[] small = Directory.Exists("my-model") ? [] : ["--embedder-options", """{"blocks":1,"filters":16,"globalFilters":4}""", "--max-length", "40"];
            var (exit, _, errors) = await App.Cli.RunAsync([.. arguments, .. few, .. small]);
            Assert.That(exit, Is.Zero, $"{line}\n{errors}");
        }
        Classify();
        FromCode(new("my-model", new PartTypes()), rows);
    }

    static void Classify()
    {
        #region classify
        using var model = CclmModel.Load("model.onnx");
        IReadOnlyList<LabelProbability> sections = model.Classify("stocks fell on Friday", head: "section"); // the likeliest first
        IReadOnlyList<TaggedSpan> names = model.Tag("Ada Lovelace wrote to Babbage", head: "names");         // where they stand in the text
        #endregion
        Assert.That(sections.Select(section => section.Label), Is.EquivalentTo(new[] { "even", "odd" }));
        Assert.That(model.Heads.Select(head => head.Name), Is.EqualTo(new[] { "section", "mood", "names" }));
        Assert.That(names, Is.All.Matches<TaggedSpan>(name => name.Label == "PER" && "Ada Lovelace wrote to Babbage".Substring(name.Start, name.Length) == name.Text));
    }

    static void FromCode(ModelFolder folder, LabelledText[] rows)
    {
        var preprocessor = folder.LoadPreprocessor();
        #region code
        using var composed = folder.LoadComposed(preprocessor);             // or new ComposedModel(embedder, ("chars", chars), ..)
        using var whole = new WholeModel(composed);                         // a head on it reads all towers
        using var tuner = new CategoricalPretrainer("section", preprocessor, composed, whole, ["even", "odd"]);
        composed.Freeze();                                                  // or composed.Base.Freeze(), or some of composed.Towers
        tuner.Train(rows, new() { Steps = 200, LearningRate = 1e-2 });
        tuner.Save(folder);
        #endregion
        Assert.That(tuner.Evaluate(rows)["accuracy"], Is.GreaterThan(0.9));
    }
}
