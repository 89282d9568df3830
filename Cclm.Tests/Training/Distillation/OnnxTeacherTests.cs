using Cclm.Export;
using Cclm.Inference;
using Cclm.Tests.Export;
using Cclm.Tests.Inference;
using Cclm.Training;
using Cclm.Training.Data;
using Google.Protobuf;
using NUnit.Framework;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Training.Distillation;

/// <summary>Models as teachers: their vectors are what can be worked out by hand, and what is no teacher says why.</summary>
[Parallelizable]
public sealed class OnnxTeacherTests : TorchFixture
{
    const int Width = 3;
    const string Text = "head bad";

    static readonly TempFolder Folder = new();
    static readonly SubwordTokenizer Tokenizer = SubwordTokenizer.Fit(["the head was bad", "a bad head"], new() { VocabularySize = 30, MinCount = 1 });
    static readonly TinyModel Tiny = new();

    [OneTimeSetUp]
    public void WriteTheModels()
    {
        Write("ids.onnx", Tiny.Build());
        Write("text.onnx", (Tiny with { ReadsText = true }).Build());
        Write("poisoned.onnx", (Tiny with { Poisoned = "b" }).Build());
        Write("positions.onnx", (Tiny with { Pooled = false }).Build());
        var plain = (Tiny with { ReadsText = true }).Build();
        plain.MetadataProps.Clear();
        Write("other-text.onnx", plain);
        Write("tokens/onnx/model.onnx", TokenModel());
        Tokenizer.Save(Folder["tokens/tokenizer.json"]);
        Write("alone/model.onnx", TokenModel());
        Write("embedder.onnx", TinyParts.Embedder());
        Write("numbers.onnx", Identity("x", DataType.Float));
        Write("whole.onnx", Identity("input_ids", DataType.Int32));
        Folder.Write("damaged.onnx", File.ReadAllBytes(Folder["ids.onnx"])[..300]);
        Folder.Write("empty.onnx", "");
    }

    [OneTimeTearDown]
    public void Clean() => Folder.Dispose();

    static readonly Dictionary<string, (string File, OnnxTeacherOptions Options, Func<float[]> Expected)> Good = new()
    {
        ["a composed model that reads ids"] = ("ids.onnx", new(), () => Tiny.Embedding(Text)),
        ["a composed model that reads text"] = ("text.onnx", new(), () => Tiny.Embedding(Text)),
        ["text, the mean of its positions"] = ("other-text.onnx", new(), () => Mean(Tiny.Hidden(Text), TinyModel.Width)),
        ["text, its first position"] = ("other-text.onnx", new() { Pooling = TeacherPooling.Cls }, () => Tiny.Hidden(Text)[..TinyModel.Width]),
        ["text, an output as it is"] = ("other-text.onnx", new() { Output = "embedding" }, () => Tiny.Embedding(Text)),
        ["tokens, the mean of them"] = ("tokens/onnx/model.onnx", new(), () => Mean(TokenVectors(int.MaxValue), Width)),
        ["tokens, the first of them"] = ("tokens/onnx/model.onnx", new() { Pooling = TeacherPooling.Cls }, () => TokenVectors(1)),
        ["tokens, an output as it is"] = ("tokens/onnx/model.onnx", new() { Output = "pooler_output" }, () => Mean(TokenVectors(int.MaxValue), Width)),
        ["no more tokens than that"] = ("tokens/onnx/model.onnx", new() { MaxTokens = 3 }, () => Mean(TokenVectors(3), Width)),
    };

    static IEnumerable<string> GoodNames => Good.Keys;

    [TestCaseSource(nameof(GoodNames))]
    public void AVectorIsTheModelsOwn(string name)
    {
        var (file, options, expected) = Good[name];
        using var teacher = OnnxTeacher.Load(Folder[file], options);
        var vector = teacher.VectorOf(Text);
        Assert.That(vector, Is.EqualTo(expected()).Within(1e-6f));
        Assert.That(teacher.Width, Is.EqualTo(expected().Length));
        Assert.That(teacher.VectorOf(Text), Is.SameAs(vector), "A text is asked once.");
        Assert.That(teacher.VectorOf("\u0300"), Has.Length.EqualTo(teacher.Width), "A mark alone is no token.");
    }

    [Test]
    public void OtherOptionsAreAnotherTeacher()
    {
        var names = new HashSet<string>();
        foreach (var (file, options, _) in Good.Values.Where(row => row.Options.MaxTokens > 3 && row.File != "text.onnx"))
        {
            using var teacher = OnnxTeacher.Load(Folder[file], options);
            Assert.That(names.Add(teacher.Description), Is.True, teacher.Description);
        }
    }

    static readonly Dictionary<string, (string File, OnnxTeacherOptions Options, string Message)> Bad = new()
    {
        ["no file"] = ("none.onnx", new(), "none.onnx"),
        ["a damaged file"] = ("damaged.onnx", new(), "can not be read as a model"),
        ["an empty file"] = ("empty.onnx", new(), "can not be read as a model"),
        ["a part of a model"] = ("embedder.onnx", new(), "one part of a model (embedder)"),
        ["a composed model without vectors"] = ("positions.onnx", new(), "no 'embedding' output"),
        ["numbers as input"] = ("numbers.onnx", new(), "takes 'x' Float [?,?]; expected String [B]"),
        ["tokens of 32 bits"] = ("whole.onnx", new(), "takes 'input_ids' Int32"),
        ["no such output"] = ("other-text.onnx", new() { Output = "pooled" }, "gives 'hidden' Float [?,?,5], 'embedding' Float [?,5]; expected 'pooled'"),
        ["no tokenizer"] = ("alone/model.onnx", new(), "reads tokens, and there is neither"),
        ["no room for a token"] = ("tokens/onnx/model.onnx", new() { MaxTokens = 2 }, "At most 2 tokens"),
    };

    static IEnumerable<string> BadNames => Bad.Keys;

    [TestCaseSource(nameof(BadNames))]
    public void WhatIsNoTeacherSaysWhy(string name) => Assert.That(() => OnnxTeacher.Load(Folder[Bad[name].File], Bad[name].Options),
        Throws.InstanceOf<IOException>().Or.InstanceOf<InvalidDataException>().Or.InstanceOf<CclmModelException>().Or.InstanceOf<ArgumentException>().With.Message.Contains(Bad[name].Message));

    [Test]
    public void AVectorThatIsNoNumberIsAnErrorBeforeTraining()
    {
        using var teacher = OnnxTeacher.Load(Folder["poisoned.onnx"]);
        var embedder = SmallParts.Embedder();
        using var pretrainer = new DistillationPretrainer("t", SmallParts.Preprocessor, embedder, SmallParts.Tower(embedder), teacher);
        Assert.That(() => pretrainer.Train([Text], new() { Steps = 1 }), Throws.TypeOf<CclmModelException>().With.Message.Contains("not all finite"));
    }

    /// <summary>Tokens as BERT takes them: a table of vectors, of which masked ones are zero, and their mean.</summary>
    static ModelProto TokenModel()
    {
        var graph = new OnnxGraph("tokens");
        var (ids, mask, types) = (graph.Input("input_ids", DataType.Int64, "B", "T"), graph.Input("attention_mask", DataType.Int64, "B", "T"), graph.Input("token_type_ids", DataType.Int64, "B", "T"));
        var table = graph.Initializer("table", [.. Enumerable.Range(0, Tokenizer.Vocabulary.Count * Width).Select(i => Weight(i / Width, i % Width))], Tokenizer.Vocabulary.Count, Width);
        var kept = graph.Op("Unsqueeze", [graph.Op("Cast", [graph.Op("Sub", [mask, types])], ("to", DataType.Float)), graph.Constant(2)]);
        var hidden = graph.Op("Mul", [graph.Op("Gather", [table, ids]), kept]);
        graph.Output("last_hidden_state", hidden, "B", "T", $"{Width}");
        graph.Output("pooler_output", graph.Op("ReduceMean", [hidden, graph.Constant(1)], ("keepdims", 0)), "B", $"{Width}");
        return graph.ToModel();
    }

    static ModelProto Identity(string input, DataType type)
    {
        var graph = new OnnxGraph("identity");
        graph.Output("y", graph.Op("Cast", [graph.Input(input, type, "B", "D")], ("to", DataType.Float)), "B", "D");
        return graph.ToModel();
    }

    static float Weight(int id, int channel) => MathF.Sin((id * Width) + channel);

    static float[] TokenVectors(int most) => [.. Tokenizer.Encode(Text).Take(most).SelectMany(token => Enumerable.Range(0, Width).Select(channel => Weight(token.Id, channel)))];

    static float[] Mean(float[] rows, int width) => [.. Enumerable.Range(0, width).Select(channel => rows.Where((_, i) => i % width == channel).Average())];

    static void Write(string name, ModelProto model) => File.WriteAllBytes(Folder[name], model.ToByteArray());
}
