using System.Collections.Concurrent;
using Cclm.Export;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using NUnit.Framework;
using Onnx;

namespace Cclm.Tests.Export;

/// <summary>Every model of the standard's own tests goes through the library, and computes afterwards what it computed before, to the bit.</summary>
/// <remarks>Where ONNX Runtime does not run a model as it is, but runs it raised, it has to compute what is recorded.</remarks>
[Parallelizable]
public sealed class OfficialModelTests
{
    /// <summary>The newest operator set that ONNX Runtime runs.</summary>
    const long Newest = 26;

    static readonly (string Name, Func<ModelProto, ModelProto> Through)[] Ways =
    [
        ("saved", Saved),
        ("included", model => Included(model, behindIdentity: false)),
        ("stitched", model => Included(model, behindIdentity: true)),
        ("raised", model => VersionConversion.Raise(model, "", Newest)),
    ];

    [Test]
    public void EachGoesThroughOrIsListedWithItsReason()
    {
        var models = OfficialModel.All();
        var found = new ConcurrentDictionary<(string Way, string Model), string>();
        Parallel.ForEach(models, new() { MaxDegreeOfParallelism = Environment.ProcessorCount }, model =>
        {
            foreach (var (way, what) in Failures(model))
            {
                found[(way, model.Name)] = what;
            }
        });
        var here = models.Select(model => model.Name).ToHashSet();
        var listed = ModelExceptions.All.Keys.Where(exception => here.Contains(exception.Model) && Ways.Select(way => way.Name).Concat(["original", "checked", "bytes"]).Contains(exception.Way));
        Assert.Multiple(() =>
        {
            Assert.That(string.Join('\n', found.Where(failure => !ModelExceptions.All.ContainsKey(failure.Key)).Select(failure => $"{failure.Key.Way} {failure.Key.Model}: {failure.Value}")), Is.Empty, "Not listed.");
            Assert.That(listed.Except(found.Keys), Is.Empty, "Listed, but passed.");
        });
        TestContext.Out.WriteLine($"{models.Length} models, {found.Count} exceptions of {found.Select(failure => failure.Key.Model).Distinct().Count()} of them.");
    }

    static IEnumerable<(string Way, string What)> Failures(OfficialModel official)
    {
        var model = OnnxFile.Load(official.File);
        var inputs = official.Inputs(model);
        if (ModelCheck.Problems(model) is [var problem, ..])
        {
            yield return ("checked", problem);
        }
        if (!model.ToByteArray().AsSpan().SequenceEqual(File.ReadAllBytes(official.File)))
        {
            yield return ("bytes", "other bytes");
        }
        var (expected, refused) = Run(model, inputs);
        if (expected is null && !ModelExceptions.All.ContainsKey(("locale", official.Name)))
        {
            yield return ("original", refused);
        }
        foreach (var (way, through) in Ways)
        {
            if (Failure(official, through, inputs, expected) is { } failure)
            {
                yield return (way, failure);
            }
        }
    }

    static string? Failure(OfficialModel official, Func<ModelProto, ModelProto> through, RecordedValue[] inputs, ModelResult? expected)
    {
        ModelProto model;
        try
        {
            model = through(OnnxFile.Load(official.File));
        }
        catch (OnnxModelException e)
        {
            return e.Message;
        }
        var (actual, refused) = Run(model, inputs);
        if (actual is null)
        {
            return expected is null ? null : refused;
        }
        bool Is(string kind) => ModelExceptions.All.ContainsKey((kind, official.Name));
        return Is("random") || actual.Text == expected?.Text || (Is("rounding") && actual.IsClose(expected!.Floats, 1e-6f))
            || (expected is null && actual.IsClose(official.RecordedFloats(), 1e-4f)) ? null : "other numbers";
    }

    static (ModelResult? Result, string Refused) Run(ModelProto model, RecordedValue[] inputs)
    {
        try
        {
            return (ModelResult.Of(model, inputs), "");
        }
        catch (Exception e) when (e is OnnxRuntimeException or NotSupportedException)
        {
            return (null, e.Message);
        }
    }

    static ModelProto Saved(ModelProto model)
    {
        using var folder = new TempFolder(Fuzz.Fuzzing.Disk);
        OnnxFile.Save(model, folder["saved.onnx"]);
        var loaded = OnnxFile.Load(folder["saved.onnx"]);
        Assert.That(loaded, Is.EqualTo(model));
        return loaded;
    }

    /// <summary>The model as a part of a graph that has its inputs, read by the part or by an Identity before it.</summary>
    static ModelProto Included(ModelProto model, bool behindIdentity)
    {
        var graph = new OnnxGraph("outer");
        var weights = model.Graph.Initializer.Select(tensor => tensor.Name).ToHashSet();
        var inputs = model.Graph.Input.Where(input => !weights.Contains(input.Name)).Select(input =>
        {
            var edge = graph.Input(input.Name, input.Type);
            return (input.Name, behindIdentity && input.Type.TensorType is not null ? graph.Op("Identity", [edge]) : edge);
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
