using Cclm.Export;
using Cclm.Inference;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using NUnit.Framework;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Export;

/// <summary>What is inferred of a model's edges is what they are when ONNX Runtime runs it.</summary>
static class ShapeLaw
{
    static ShapeLaw() => OnnxRuntimeEnvironment.Prepare();

    /// <summary>Runs a model with every edge an output: types and numbers have to be equal, and one symbol has one value in the whole run.</summary>
    /// <returns>The edges of which the type, the rank or a dimension is not known.</returns>
    public static Unknowns AssertFits(ModelProto model, params IReadOnlyList<(string Name, OrtValue Value)> inputs)
    {
        var inferred = ShapeInference.Infer(model).Graph;
        var types = inferred.ValueInfo.Concat(inferred.Output).ToLookup(info => info.Name, info => info.Type);
        var unknowns = new Unknowns([], []);
        var symbols = new Dictionary<string, long>();
        foreach (var (name, element, shape) in Run(model, inputs))
        {
            var found = types[name].FirstOrDefault()?.TensorType;
            if (found?.Shape is not { } dims)
            {
                unknowns.Rank.Add(name);
                continue;
            }
            Assert.That((DataType)found.ElemType, Is.EqualTo(element), name);
            Assert.That(dims.Dim, Has.Count.EqualTo(shape.Length), name);
            foreach (var (dim, size) in dims.Dim.Zip(shape))
            {
                if (dim.HasDimValue)
                {
                    Assert.That(dim.DimValue, Is.EqualTo(size), $"{name} [{string.Join(',', shape)}]");
                }
                else if (dim.HasDimParam)
                {
                    Assert.That(symbols.TryAdd(dim.DimParam, size) || symbols[dim.DimParam] == size, Is.True, $"{name} [{string.Join(',', shape)}]: {dim.DimParam} is {symbols[dim.DimParam]} elsewhere.");
                }
                else if (unknowns.Size.LastOrDefault() != name)
                {
                    unknowns.Size.Add(name);
                }
            }
        }
        return unknowns;
    }

    static List<(string Name, DataType Element, long[] Shape)> Run(ModelProto model, IReadOnlyList<(string Name, OrtValue Value)> inputs)
    {
        var open = model.Clone();
        open.Graph.Output.Clear();
        open.Graph.Output.Add(model.Graph.Node.SelectMany(node => node.Output).Where(edge => edge.Length > 0).Select(edge => new ValueInfoProto { Name = edge }));
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, IntraOpNumThreads = 1 };
        using var session = new InferenceSession(open.ToByteArray(), options);
        using var run = new RunOptions();
        using var results = session.Run(run, [.. inputs.Select(input => input.Name)], [.. inputs.Select(input => input.Value)], session.OutputNames);
        // The runtime's element types have the standard's numbers.
        return [.. session.OutputNames.Zip(results).Where(pair => pair.Second.IsTensor).Select(pair => (pair.First, pair.Second.GetTensorTypeAndShape()))
            .Select(pair => (pair.First, (DataType)(int)pair.Item2.ElementDataType, pair.Item2.Shape))];
    }
}

/// <summary>Edges of which something is not known.</summary>
/// <param name="Rank">Those without a type or a rank.</param>
/// <param name="Size">Those with a dimension that has neither number nor name.</param>
sealed record Unknowns(List<string> Rank, List<string> Size);
