using System.Globalization;
using Cclm.Export;
using NUnit.Framework;
using Onnx;

namespace Cclm.Tests.Export;

/// <summary>The standard's own shape inference, over the models of its own tests: wherever both know something, they agree.</summary>
[Parallelizable]
public sealed class OfficialShapeTests
{
    /// <summary>A line for each edge whose rank is known: model, edge, element type, dimensions, those that are not known as -1.</summary>
    const string Script = """
        import sys, onnx
        for file in open(sys.argv[1]).read().split("\n"):
            try:
                model = onnx.shape_inference.infer_shapes(onnx.load(file, load_external_data=False))
            except Exception:
                continue
            graph = model.graph
            for info in list(graph.value_info) + list(graph.output):
                tensor = info.type.tensor_type
                if info.type.WhichOneof("value") == "tensor_type" and tensor.HasField("shape"):
                    dims = [str(d.dim_value) if d.HasField("dim_value") else "-1" for d in tensor.shape.dim]
                    print("\t".join([file, info.name, str(tensor.elem_type), ",".join(dims)]))
        """;

    [Test]
    public void WhatBothKnowIsTheSame()
    {
        var models = OfficialModel.All();
        using var folder = new TempFolder();
        File.WriteAllLines(folder["models.txt"], models.Select(model => model.File));
        var (exit, output, errors) = OfficialChecker.Run(Script, folder["models.txt"]);
        Assert.That(exit, Is.Zero, errors);
        var official = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')).ToLookup(words => words[0]);
        var (agreed, unknown, differences) = (0, 0, new List<string>());
        foreach (var model in models)
        {
            var ours = Inferred(OnnxFile.Load(model.File), model.Name, differences);
            foreach (var words in official[model.File])
            {
                var dims = words[3].Length == 0 ? [] : words[3].Split(',').Select(dim => long.Parse(dim, CultureInfo.InvariantCulture)).ToArray();
                if (!ours.TryGetValue(words[1], out var found) || found.Shape is null)
                {
                    unknown++;
                }
                else if (found.ElemType != int.Parse(words[2], CultureInfo.InvariantCulture) || found.Shape.Dim.Count != dims.Length
                    || found.Shape.Dim.Zip(dims).Any(pair => pair.First.HasDimValue && pair.Second >= 0 && pair.First.DimValue != pair.Second))
                {
                    differences.Add($"{model.Name}: '{words[1]}' is {found}, officially {words[2]} [{words[3]}]");
                }
                else
                {
                    agreed++;
                }
            }
        }
        Assert.That(string.Join('\n', differences), Is.Empty);
        Assert.That(agreed, Is.GreaterThan(1000));
        TestContext.Out.WriteLine($"{models.Length} models: {agreed} edges agree, {unknown} are known officially alone.");
    }

    /// <summary>What is inferred of the edges of a model that declares nothing but its inputs.</summary>
    static Dictionary<string, TypeProto.Types.Tensor> Inferred(ModelProto model, string name, List<string> differences)
    {
        model.Graph.ValueInfo.Clear();
        foreach (var output in model.Graph.Output)
        {
            output.Type = null;
        }
        try
        {
            var graph = ShapeInference.Infer(model).Graph;
            return graph.ValueInfo.Concat(graph.Output).Where(info => info.Type?.TensorType is not null).DistinctBy(info => info.Name).ToDictionary(info => info.Name, info => info.Type.TensorType);
        }
        catch (OnnxModelException e)
        {
            differences.Add($"{name}: {e.Message}");
            return [];
        }
    }
}
