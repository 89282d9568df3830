using Cclm.Export;
using Cclm.Inference;
using NUnit.Framework;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Inference;

/// <summary>Files that are no usable model: each is a <see cref="CclmModelException"/> that says what to do.</summary>
public class CclmModelErrorTests
{
    [Test]
    public void AMissingFileAndAFolderAreNamed()
    {
        using var folder = new TempFolder();

        Refuses(() => CclmModel.Load(folder["none.onnx"]), "There is no file", "none.onnx", "cclm compose");
        Refuses(() => CclmModel.Load(folder.Path), "is a folder");
    }

    [Test]
    public void AFileThatIsNoModelIsNamed()
    {
        using var folder = new TempFolder();

        Refuses(() => CclmModel.Load(folder.Write("text.onnx", "not a model")), "cannot read", "text.onnx", "whole .onnx file");
        Refuses(() => CclmModel.Load(folder.Write("empty.onnx", [])), "empty.onnx");
        Refuses(() => CclmModel.Load([]), "the model's bytes");
    }

    [Test]
    public void AModelCutAnywhereIsRefused()
    {
        var bytes = new TinyModel().Bytes();

        for (var length = 0; length < bytes.Length; length += 1 + (bytes.Length / 97))
        {
            var cut = bytes[..length];
            Assert.That(() => CclmModel.Load(cut), Throws.TypeOf<CclmModelException>(), $"cut to {length} bytes");
        }
    }

    [Test]
    public void AModelOfAnotherKindIsNotMistakenForOurs()
    {
        var tiny = new TinyModel { Edit = metadata => metadata.Clear() };

        Refuses(() => tiny.Load(), "not a CCLM model", "cclm export");
    }

    [TestCase("embedder")]
    [TestCase("tower")]
    public void APartAloneIsRefusedWithWhatToDo(string kind) =>
        Refuses(() => new TinyModel { Edit = metadata => metadata["cclm.kind"] = kind }.Load(), $"one part of a model ({kind})", "cclm compose");

    [TestCase("cclm.format", "2", "format is '2'")]
    [TestCase("cclm.weights", null, "no 'cclm.weights'")]
    [TestCase("cclm.preprocessor", null, "no 'cclm.preprocessor'")]
    [TestCase("cclm.preprocessor", "{}", "format")]
    [TestCase("cclm.vocabulary", "abc", "has the vocabulary", "trained with abc")]
    [TestCase("cclm.parts", "{", "cclm.parts")]
    public void EditedMetadataIsRefused(string key, string? value, params string[] messages)
    {
        var tiny = new TinyModel
        {
            Edit = metadata =>
            {
                metadata.Remove(key);
                if (value is not null)
                {
                    metadata.Add(key, value);
                }
            },
        };

        Refuses(() => tiny.Load(), messages);
    }

    [TestCase(2_000_000_000, 1, "MaxLength is 2,000,000,000; expected at most 67,108,864")]
    [TestCase(67_108_865, 1, "MaxLength is 67,108,865")]
    [TestCase(1_000_000_000, 1_000_000_000, "DownsampleFactor is 1,000,000,000; expected at most 4,096")]
    [TestCase(1_000_000, 4_097, "DownsampleFactor is 4,097")]
    public void LengthsThatNoModelHasAreRefused(int maxLength, int factor, string message)
    {
        foreach (var readsText in new[] { false, true })
        {
            var tiny = new TinyModel
            {
                ReadsText = readsText,
                Edit = metadata => metadata["cclm.preprocessor"] = metadata["cclm.preprocessor"]
                    .Replace("\"maxLength\":512", $"\"maxLength\":{maxLength}", StringComparison.Ordinal).Replace("\"downsampleFactor\":1", $"\"downsampleFactor\":{factor}", StringComparison.Ordinal),
            };
            Refuses(() => tiny.Load(), message, "preprocessor");
        }
    }

    [TestCase("", "none of 5 hidden channels")]
    [TestCase(""", "hidden":{"start":3,"width":3}""", "3 from 3 of 5 hidden channels")]
    [TestCase(""", "hidden":{"start":-1,"width":3}""", "3 from -1 of 5")]
    [TestCase(""", "hidden":{"start":2147483647,"width":3}""", "3 from 2147483647 of 5")]
    [TestCase(""", "hidden":{"start":0,"width":0}""", "0 from 0 of 5")]
    [TestCase(""", "hidden":{"start":0,"width":2},"embedding":{"start":4,"width":2}""", "2 from 4 of 5 dimensions")]
    public void ATowersSliceThatDoesNotFitIsRefused(string slices, string message)
    {
        var parts = $$"""[{"name":"e","kind":"embedder","weights":"a1"},{"name":"t","kind":"tower","weights":"b2"{{slices}}}]""";

        Refuses(() => new TinyModel { Edit = metadata => metadata["cclm.parts"] = parts }.Load(), "tower 't' do not fit", message);
    }

    [Test]
    public void AVocabularyLargerThanTheTableIsRefused([Values] bool readsText, [Values] bool pooled) =>
        Refuses(
            () => new TinyModel { MissingRows = 1, ReadsText = readsText, Pooled = pooled }.Load(),
            "highest id of its vocabulary, 11", "fewer rows than the 12");

    [TestCase("h")]                     // the highest id: found by the run that loading makes
    [TestCase("abcdefgh")]
    public void WeightsThatAreNotNumbersAreFoundWhenLoading(string poisoned) =>
        Refuses(() => new TinyModel { Poisoned = poisoned }.Load(), "not all finite", "Export it again");

    [Test]
    public void AWeightThatIsNotANumberIsNeverReturned()
    {
        using var model = new TinyModel { Poisoned = "c" }.Load();

        foreach (var tower in (string?[])[null, "left", "right"])       // also where the tower asked for is sound
        {
            Assert.That(
                () => model.Embed(["ab", "abc", "b"], tower),
                Throws.TypeOf<CclmModelException>().With.Message.Contains("for text 1 are not all finite"));
        }
        Assert.That(() => model.EmbedPositions("abc"), Throws.TypeOf<CclmModelException>().With.Message.Contains("not all finite"));
        Assert.That(model.Embed("ab"), Is.EqualTo(new TinyModel().Embedding("ab")).Within(1e-6f));
    }

    [Test]
    public void AnErrorNeverHoldsTheText()
    {
        using var model = new TinyModel { Poisoned = "c" }.Load();

        Assert.That(() => model.Embed("secret"), Throws.TypeOf<CclmModelException>().With.Message.Not.Contains("secret"));
    }

    [TestCase("hidden", DataType.Double, "Double", "expected Float of rank 3")]
    [TestCase("embedding", DataType.Double, "Double", "expected Float of rank 2")]
    [TestCase("other", DataType.Float, "no output 'hidden' but 'other'")]
    public void AnOutputOfAnotherTypeIsRefused(string name, DataType type, params string[] messages)
    {
        var graph = new OnnxGraph("wrong");
        var table = graph.Op("Cast", [graph.Initializer("table", new float[12 * 5], 12, 5)], ("to", type));
        var hidden = graph.Op("Gather", [table, graph.Input("ids", DataType.Int64, "B", "T")]);
        if (name != "embedding")
        {
            graph.Output(name, hidden, type, "B", "T", "5");
        }
        else
        {
            graph.Output(name, graph.Op("ReduceMax", [hidden, graph.Constant(1)], ("keepdims", 0)), type, "B", "5");
            graph.Output("hidden", graph.Op("Cast", [hidden], ("to", DataType.Float)), "B", "T", "5");
        }

        Refuses(() => Load(graph), messages);
    }

    [TestCase("ids", DataType.Int32, "'ids' Int32 [B,T]", "expected one input")]
    [TestCase("tokens", DataType.Int64, "'tokens' Int64 [B,T]")]
    public void AnInputOfAnotherTypeIsRefused(string name, DataType type, params string[] messages)
    {
        var graph = new OnnxGraph("wrong");
        var table = graph.Initializer("table", new float[12 * 5], 12, 5);
        graph.Output("hidden", graph.Op("Gather", [table, graph.Input(name, type, "B", "T")]), "B", "T", "5");

        Refuses(() => Load(graph), messages);
    }

    [TestCase(-1, 1, 0, 1, "Threads is -1")]
    [TestCase(0, 0, 0, 1, "ThreadsPerRun is 0")]
    [TestCase(0, 1, -1, 1, "CudaDevice is -1")]
    [TestCase(0, 1, 0, -1, "BatchCharacters is -1")]
    public void ImpossibleOptionsAreErrors(int threads, int ofARun, int device, int batch, string message) => Assert.That(
        () => new TinyModel().Load(new() { Threads = threads, ThreadsPerRun = ofARun, CudaDevice = device, BatchCharacters = batch }),
        Throws.ArgumentException.With.Message.Contains(message));

    static CclmModel Load(OnnxGraph graph)
    {
        var model = graph.ToModel();
        ModelProperties.Write(model, ModelProperties.Read(new TinyModel().Build()));
        return CclmModel.Load(Google.Protobuf.MessageExtensions.ToByteArray(model));
    }

    static void Refuses(Func<CclmModel> load, params string[] messages)
    {
        var error = Assert.Throws<CclmModelException>(() => load().Dispose());
        foreach (var message in messages)
        {
            Assert.That(error.Message, Does.Contain(message));
        }
    }
}
