using System.Globalization;
using Cclm.Export;
using Cclm.Tests.Inference;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using NUnit.Framework;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Export;

/// <summary>Models whose tensors lie in files beside them.</summary>
[Parallelizable]
public sealed class ExternalDataTests
{
    const int Numbers = 600;

    /// <summary>x [N,600] -> y = x + by, with the elements of "by" in a file as another program would write it.</summary>
    static ModelProto Beside(TempFolder folder, string path, float value, string data = "weights.bin", int offset = 12)
    {
        var graph = new OnnxGraph("g");
        var x = graph.Input("x", DataType.Float, "N", $"{Numbers}");
        graph.Output("y", graph.Op("Add", [x, graph.Initializer("by", [.. Enumerable.Range(0, Numbers).Select(i => value + i)], Numbers)]), "N", $"{Numbers}");
        var model = graph.ToModel();
        var tensor = model.Graph.Initializer.Single();
        folder.Write(Path.Combine(Path.GetDirectoryName(path)!, data), [.. new byte[offset], .. tensor.RawData]);
        Place(tensor, data, offset, 4 * Numbers);
        folder.Write(path, model.ToByteArray());
        return model;
    }

    static void Place(TensorProto tensor, string location, object offset, object length)
    {
        tensor.ClearRawData();
        tensor.DataLocation = DataLocation.External;
        tensor.ExternalData.Clear();
        foreach (var (key, value) in new[] { ("location", location), ("offset", $"{offset}"), ("length", $"{length}") })
        {
            tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
        }
    }

    static float[] Run(string path, string output = "y")
    {
        using var session = new InferenceSession(path);
        using var run = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(new float[Numbers], [1, Numbers]);
        using var outputs = session.Run(run, ["x"], [input], [output]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    static float[] Expected(float value) => [.. Enumerable.Range(0, Numbers).Select(i => value + i)];

    [Test]
    public void PartsOfSeveralFoldersWithFilesOfOneNameBecomeOneModel()
    {
        using var folder = new TempFolder();
        Beside(folder, "one/model.onnx", 1);
        Beside(folder, "two/model.onnx", 1_000, offset: 0);
        var (one, two) = (OnnxFile.Load(folder["one/model.onnx"]), OnnxFile.Load(folder["two/model.onnx"]));
        var whole = Stitcher.Stitch([("one", one), ("two", two), ("again", one)], []);
        Assert.That(whole.Graph.Initializer, Has.Count.EqualTo(2), "equal weights in files are stored once too");

        OnnxFile.Save(whole, folder["whole/inside.onnx"]);
        Assert.That(Directory.GetFiles(folder["whole"]), Has.Length.EqualTo(1), "it is small");
        OnnxFile.Save(whole, folder["whole/beside.onnx"], dataBeside: true);
        Assert.That(Directory.GetFiles(folder["whole"], "beside.onnx.*.data"), Has.Length.EqualTo(1));
        foreach (var file in new[] { "whole/inside.onnx", "whole/beside.onnx" })
        {
            Assert.That(Run(folder[file], "one.y"), Is.EqualTo(Expected(1)), file);
            Assert.That(Run(folder[file], "two.y"), Is.EqualTo(Expected(1_000)), file);
            Assert.That(Run(folder[file], "again.y"), Is.EqualTo(Expected(1)), file);
            Assert.That(WeightsHash.Of(OnnxFile.Load(folder[file])), Is.EqualTo(WeightsHash.Of(whole)), file);
        }
    }

    [Test]
    public void AFileBesideIsReplacedWithItsModelAndOthersStay()
    {
        using var folder = new TempFolder();
        Beside(folder, "model.onnx", 1);
        Beside(folder, "other/model.onnx", 2);
        OnnxFile.Save(OnnxFile.Load(folder["model.onnx"]), folder["out.onnx"], dataBeside: true);
        folder.Write("out.onnx.mine.data", [1]);
        var first = Directory.GetFiles(folder.Path, "out.onnx.*.data");
        OnnxFile.Save(OnnxFile.Load(folder["other/model.onnx"]), folder["out.onnx"], dataBeside: true);
        Assert.That(Directory.GetFiles(folder.Path, "out.onnx.*.data"), Has.Length.EqualTo(2).And.Not.EquivalentTo(first).And.Contains(folder["out.onnx.mine.data"]));
        Assert.That(Run(folder["out.onnx"]), Is.EqualTo(Expected(2)));
        OnnxFile.Save(OnnxFile.Load(folder["out.onnx"]), folder["out.onnx"], dataBeside: true);
        Assert.That(Run(folder["out.onnx"]), Is.EqualTo(Expected(2)), "saved over itself");
        OnnxFile.Save(OnnxFile.Load(folder["out.onnx"]), folder["out.onnx"]);
        Assert.That(Directory.GetFiles(folder.Path, "out.onnx.*.data"), Is.EqualTo(new[] { folder["out.onnx.mine.data"] }), "it is in the model now");
        Assert.That(Run(folder["out.onnx"]), Is.EqualTo(Expected(2)));
    }

    [Test]
    public void WhatIsTakenAwayLaterIsSaid()
    {
        using var folder = new TempFolder();
        Beside(folder, "model.onnx", 1);
        var model = OnnxFile.Load(folder["model.onnx"]);
        File.Delete(folder["weights.bin"]);
        Assert.That(() => OnnxFile.Save(model, folder["out.onnx"]), Throws.TypeOf<OnnxModelException>().With.Message.Contains("weights.bin").And.Message.Contains("not there any more"));
        Assert.That(Directory.GetFiles(folder.Path), Is.EqualTo(new[] { folder["model.onnx"] }));
    }

    static readonly Dictionary<string, (string Location, object Offset, object Length, string Expected)> Hostile = new()
    {
        ["above"] = ("../weights.bin", 0, 2_400, "expected a file beside the model"),
        ["above, from below"] = ("sub/../../weights.bin", 0, 2_400, "expected a file beside the model"),
        ["above, of Windows"] = ("..\\weights.bin", 0, 2_400, "expected a file beside the model"),
        ["rooted"] = ("/etc/passwd", 0, 2_400, "expected a file beside the model"),
        ["a drive"] = ("C:weights.bin", 0, 2_400, "expected a file beside the model"),
        ["nothing"] = ("", 0, 2_400, "expected a file beside the model"),
        ["a link"] = ("link.bin", 0, 2_400, "is a link"),
        ["through a link"] = ("linked/weights.bin", 0, 2_400, "is a link"),
        ["a folder"] = ("sub", 0, 2_400, "no such file"),
        ["no file"] = ("missing.bin", 0, 2_400, "no such file"),
        ["cut short"] = ("weights.bin", 13, 2_400, "that file has 2412 bytes"),
        ["beyond the end"] = ("weights.bin", long.MaxValue, 2_400, "that file has 2412 bytes"),
        ["before the beginning"] = ("weights.bin", -4, 2_400, "expected a number"),
        ["too few bytes"] = ("weights.bin", 0, 2_399, "expected 2400 bytes"),
        ["too many bytes"] = ("weights.bin", 0, 2_404, "expected 2400 bytes"),
        ["no number"] = ("weights.bin", "1e3", 2_400, "expected a number"),
    };

    static IEnumerable<string> HostileNames => Hostile.Keys;

    [TestCaseSource(nameof(HostileNames))]
    public void AHostileOrDamagedPlaceIsAnError(string name)
    {
        using var folder = new TempFolder();
        var model = Beside(folder, "in/model.onnx", 1);
        folder.Write("weights.bin", new byte[2_412]);
        folder.Write("in/sub/file", [1]);
        File.CreateSymbolicLink(folder["in/link.bin"], folder["weights.bin"]);
        File.CreateSymbolicLink(folder["in/linked"], folder.Path);
        var (location, offset, length, expected) = Hostile[name];
        Place(model.Graph.Initializer.Single(), location, offset, length);
        folder.Write("in/model.onnx", model.ToByteArray());
        Assert.That(() => OnnxFile.Load(folder["in/model.onnx"]), Throws.TypeOf<OnnxModelException>().With.Message.Contains(expected));
    }

    [Test]
    public void WhereAModelOfBytesLiesIsNotGuessed()
    {
        using var folder = new TempFolder();
        var model = ModelProto.Parser.ParseFrom(Beside(folder, "model.onnx", 1).ToByteArray());
        Assert.That(() => WeightsHash.Of(model), Throws.TypeOf<OnnxModelException>().With.Message.Contains("Load the model with OnnxFile.Load"));
    }

    /// <summary>More than protobuf can hold in one message; written, joined and run without having it in memory.</summary>
    [Test]
    public async Task TwoPartsOfOneAndAHalfGigabytesBecomeOneWithinHalfAGigabyte()
    {
        if (Environment.GetEnvironmentVariable("CCLM_LARGE_MODELS") is null)
        {
            Assert.Ignore("6 GB of disk: set CCLM_LARGE_MODELS to run it.");
        }
        using var folder = new TempFolder();
        foreach (var part in new[] { "a", "b" })
        {
            LargePart(folder, part);
        }
        var result = await ChildProcess.Run(folder.Path, "large", folder["a/model.onnx"], folder["b/model.onnx"], folder["whole.onnx"]);
        TestContext.Out.WriteLine(result);
        Assert.That(int.Parse(result.Split(' ')[0], CultureInfo.InvariantCulture), Is.LessThan(500), "megabytes at most");
        using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL };
        using var session = new InferenceSession(folder["whole.onnx"], options);
        using var input = OrtValue.CreateTensorValueFromMemory(new long[] { 0, 3_071 }, [2]);
        using var run = new RunOptions();
        using var outputs = session.Run(run, ["x"], [input], ["a.y", "b.y"]);
        Assert.That(outputs[0].GetTensorDataAsSpan<float>()[0], Is.EqualTo((float)'a'));
        Assert.That(outputs[1].GetTensorDataAsSpan<float>()[^1], Is.EqualTo((float)('b' + 3_071)));
    }

    /// <summary>x [N] -> rows of a table of 3,072 x 131,072 numbers; a row is its number and the part's letter.</summary>
    static void LargePart(TempFolder folder, string part)
    {
        const int Rows = 3_072, Width = 131_072;
        var graph = new OnnxGraph(part);
        var x = graph.Input("x", DataType.Int64, "N");
        graph.Output("y", graph.Op("Gather", [graph.Initializer("table", [0f], 1), x]), "N", $"{Width}");
        var model = graph.ToModel();
        var tensor = model.Graph.Initializer.Single();
        tensor.Dims.Clear();
        tensor.Dims.AddRange([Rows, Width]);
        Place(tensor, "model.data", 0, 4L * Rows * Width);
        folder.Write($"{part}/model.onnx", model.ToByteArray());
        using var stream = File.Create(folder[$"{part}/model.data"]);
        var row = new float[Width];
        for (var i = 0; i < Rows; i++)
        {
            Array.Fill(row, part[0] + i);
            stream.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(row));
        }
    }
}
