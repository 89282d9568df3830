using System.Collections.Concurrent;
using Cclm.Export;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using NUnit.Framework;
using Onnx;

namespace Cclm.Tests.Export;

/// <summary>Every model of the standard's own tests goes through the library, and computes afterwards what it computed before, to the bit.</summary>
[Parallelizable]
public sealed class OfficialModelTests
{
    /// <summary>The newest operator set that ONNX Runtime runs.</summary>
    const long Newest = 26;

    static readonly (string Name, Func<ModelProto, ModelProto> Through)[] Ways =
    [
        ("saved", Saved),
        ("included", model => Included(model, identity: false)),
        ("stitched", model => Included(model, identity: true)),
        ("raised", model => VersionConversion.Raise(model, "", Newest)),
    ];

    [Test]
    public void EachGoesThroughOrIsListedWithItsReason()
    {
        var found = new ConcurrentBag<string>();
        var models = OfficialModel.All();
        Parallel.ForEach(models, new ParallelOptions { MaxDegreeOfParallelism = 2 }, model => found.AddAll(Exceptions(model)));
        var lines = found.Order(StringComparer.Ordinal).ToArray();
        File.WriteAllLines("/tmp/opset/found.txt", lines);
        TestContext.Out.WriteLine($"{models.Length} models, {lines.Length} exceptions");
    }

    static IEnumerable<string> Exceptions(OfficialModel official)
    {
        var bytes = File.ReadAllBytes(official.File);
        var model = OnnxFile.Load(official.File);
        var inputs = official.Inputs(model);
        if (ModelCheck.Problems(model) is [var problem, ..])
        {
            yield return $"{official.Name} checked: {problem}";
        }
        if (!model.ToByteArray().AsSpan().SequenceEqual(bytes))
        {
            yield return $"{official.Name} bytes";
        }
        var expected = Run(() => ModelResult.Of(model, inputs));
        if (expected.StartsWith("! "))
        {
            yield return $"{official.Name} runs: {expected}";
        }
        foreach (var (name, through) in Ways)
        {
            var actual = Run(() => ModelResult.Of(through(model), inputs));
            if (actual != expected && !(expected.StartsWith("! ") && actual.StartsWith("! Microsoft")))
            {
                yield return $"{official.Name} {name}: {(actual.StartsWith("! ") ? actual : expected.StartsWith("! ") ? "runs now" : "other bits")}";
            }
        }
    }

    static string Run(Func<string> run)
    {
        try
        {
            return run();
        }
        catch (Exception e)
        {
            return $"! {e.GetType()} {e.Message.Split('\n')[0]}";
        }
    }

    static ModelProto Saved(ModelProto model)
    {
        using var folder = new TempFolder();
        OnnxFile.Save(model, folder["saved.onnx"]);
        return OnnxFile.Load(folder["saved.onnx"]);
    }

    static ModelProto Included(ModelProto model, bool identity)
    {
        var graph = new OnnxGraph("outer");
        var weights = model.Graph.Initializer.Select(tensor => tensor.Name).ToHashSet();
        var inputs = model.Graph.Input.Where(input => !weights.Contains(input.Name)).Select(input =>
        {
            var edge = graph.Input(input.Name, input.Type);
            return (input.Name, identity && input.Type.TensorType is not null ? graph.Op("Identity", [edge]) : edge);
        }).ToArray();
        var outputs = graph.Include("part", model, inputs);
        foreach (var output in model.Graph.Output)
        {
            graph.Output($"out.{output.Name}", outputs[output.Name], output.Type);
        }
        var stitched = graph.ToModel();
        ModelCheck.Ensure(stitched);
        return stitched;
    }
}

static class BagExtensions
{
    public static void AddAll<T>(this ConcurrentBag<T> bag, IEnumerable<T> items)
    {
        foreach (var item in items)
        {
            bag.Add(item);
        }
    }
}
