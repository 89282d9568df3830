using Cclm.Inference;
using Cclm.Training;
using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Training.Distillation;

/// <summary>Autoencoding: what is asked for, and a student under a teacher's decoder.</summary>
[Parallelizable]
public sealed class AutoencodeTests : TorchFixture
{
    static readonly string[] Texts = [.. Enumerable.Range(0, 40).Select(i => SmallParts.Text(1 + (i % 13), new(i)))];

    /// <summary>A folder with a teacher in it, trained for a few steps.</summary>
    internal static TempFolder Teacher(int steps = 5, IReadOnlyList<string>? texts = null)
    {
        var folder = new TempFolder();
        var embedder = SmallParts.Embedder();
        using var teacher = new AutoencodePretrainer("teacher", SmallParts.Preprocessor, embedder, SmallParts.Tower(embedder), new() { Length = 9, Width = 6 });
        teacher.Train(texts ?? Texts, new() { Steps = steps, BatchSize = 8, LearningRate = 5e-3 });
        teacher.Save(new(folder.Path, new PartTypes()));
        return folder;
    }

    /// <summary>A student of other sizes, and of an alphabet in another order than the teacher's.</summary>
    static AutoencodePretrainer Student(TempFolder teacher, string tower = "teacher")
    {
        var preprocessor = new Preprocessor(Vocabulary.Fit(["zyxabc"]), new() { MaxLength = 8 });
        var embedder = new ConvEmbedder(SmallParts.EmbedderOptions with { Vocabulary = preprocessor.Vocabulary.Count, MaxLength = 8, Filters = 4 });
        return new("student", preprocessor, embedder, new TransformerTower(embedder, new() { Layers = 1, Heads = 2, FeedForward = 5 }), AutoencodeTeacher.Load(teacher.Path, tower));
    }

    [Test]
    public void TheTeachersDecoderIsNotChangedAndTheRestIs()
    {
        using var folder = Teacher();
        using var student = Student(folder);
        var (embedder, tower) = (student.Embedder.WeightsHash(), student.Tower.WeightsHash());
        using var before = new TempFolder();
        student.Save(new(before.Path, new PartTypes()));
        student.Train(Texts, new() { Steps = 7, BatchSize = 8, WeightDecay = 0.5 });
        using var after = new TempFolder();
        student.Save(new(after.Path, new PartTypes()));
        var (own, first, last) = (Head(folder, "teacher"), Head(before, "student"), Head(after, "student"));
        Assert.That(last.Keys, Is.EquivalentTo(own.Keys.Select(key => $"decoder.{key}").Concat(["project.weight", "project.bias"])));
        foreach (var (key, weight) in own)
        {
            Assert.That(last[$"decoder.{key}"].Data.ToArray(), Is.EqualTo(weight.Data.ToArray()), key);
        }
        Assert.That(last["project.weight"].Data.ToArray(), Is.Not.EqualTo(first["project.weight"].Data.ToArray()));
        Assert.That((student.Embedder.WeightsHash() != embedder, student.Tower.WeightsHash() != tower), Is.EqualTo((true, true)));
    }

    [TestCase(1)]
    [TestCase(5)]
    [TestCase(7)]
    [TestCase(8)]
    [TestCase(40)]
    public void AsManyCharactersAreAskedForAsAreReadAndAnswered(int length)
    {
        using var folder = Teacher();
        using var student = Student(folder);
        var text = SmallParts.Text(length, new(3));
        var example = student.Example(text, new(1));
        Assert.That(SmallParts.Preprocessor.Decode(example.Targets), Is.EqualTo(text[..Math.Min(length, 7)]), "Of 9 characters that the teacher answers, the student reads 7.");
        Assert.That(student.Evaluate([text]).Count, Is.EqualTo(Math.Min(length, 7)));
    }

    static readonly Dictionary<string, (string Message, Action<TempFolder> Act)> Bad = new()
    {
        ["no CLS"] = ("adds no CLS", _ => { var embedder = SmallParts.Embedder(); new AutoencodePretrainer("t", new(SmallParts.Preprocessor.Vocabulary, new() { MaxLength = 40, AddCls = false }), embedder, SmallParts.Tower(embedder)).Dispose(); }
        ),
        ["no characters"] = ("0 characters", _ => { var embedder = SmallParts.Embedder(); new AutoencodePretrainer("t", SmallParts.Preprocessor, embedder, SmallParts.Tower(embedder), new() { Length = 0 }).Dispose(); }
        ),
        ["empty texts"] = ("to give back", folder => Student(folder).Train(["", " "], new() { Steps = 1 })),
        ["no teacher"] = ("preprocessor.json", _ => AutoencodeTeacher.Load("/nowhere", "t")),
        ["no such tower"] = ("heads", folder => AutoencodeTeacher.Load(folder.Path, "other")),
        ["a student as a teacher"] = ("name its own teacher", folder => { using var student = Student(folder); student.Save(new(folder.Path, new PartTypes())); AutoencodeTeacher.Load(folder.Path, "student"); }
        ),
        ["another preprocessor"] = ("Put back the preprocessor", folder => { new Preprocessor(Vocabulary.Fit(["ab"])).Save(Path.Combine(folder.Path, "preprocessor.json")); AutoencodeTeacher.Load(folder.Path, "teacher"); }
        ),
        ["a damaged head"] = ("teacher.safetensors", folder => { File.WriteAllBytes(folder["heads/teacher.safetensors"], [1, 2, 3]); AutoencodeTeacher.Load(folder.Path, "teacher"); }
        ),
    };

    static IEnumerable<string> BadNames => Bad.Keys;

    [TestCaseSource(nameof(BadNames))]
    public void WhatCanNotBeTrainedSaysWhy(string name)
    {
        using var folder = Teacher();
        Assert.That(() => Bad[name].Act(folder), Throws.InstanceOf<InvalidDataException>().Or.InstanceOf<ArgumentException>().With.Message.Contains(Bad[name].Message));
    }

    static IReadOnlyDictionary<string, SafeTensor> Head(TempFolder folder, string tower) => Safetensors.Read(new ModelFolder(folder.Path, new PartTypes()).HeadFile(tower)).Tensors;
}
