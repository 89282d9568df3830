using Onnx;

namespace Cclm.Export;

/// <summary>Puts a piece of graph before or behind any model: what it needs to read other values, or to give others.</summary>
/// <remarks>
/// A stage is code on an <see cref="OnnxGraph"/>: any operators, and the pieces that are there already (<see cref="GraphStages"/>,
/// <see cref="PoolingStage"/>, <see cref="TextInput"/>). The model's own names, metadata and doc string stay; it is not changed, and its weights are not copied.
/// </remarks>
public static class Stages
{
    /// <summary>The model with one more output, or with another value for one that it has.</summary>
    /// <param name="model">Any model.</param>
    /// <param name="output">The output's name. Where the model has such an output the new one takes its place, and the edge that it was is named <c>before.</c> and that name.</param>
    /// <param name="stage">Makes the new output of the model's outputs, which it finds by their names.</param>
    /// <exception cref="OnnxModelException">The model is unsound, or the type of what the stage makes is not known (<see cref="ShapeInference"/>):
    /// say it with <see cref="OnnxGraph.Declare"/>.</exception>
    public static ModelProto Append(ModelProto model, string output, Func<OnnxGraph, IReadOnlyDictionary<string, Edge>, Edge> stage)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(stage);
        var outputs = model.Graph.Output.Select(info => info.Name).ToArray();
        var taken = outputs.Contains(output);
        var inner = taken ? Renamed(model, output) : model;
        var graph = new OnnxGraph(model.Graph.Name);
        var included = graph.Include("", inner, [.. inner.Graph.Input.Where(input => !inner.Graph.Defaults(input.Name)).Select(input => (input.Name, graph.Input(input.Name, input.Type)))]);
        var edges = new NamedEdges("The model", outputs.Zip(inner.Graph.Output, (name, here) => KeyValuePair.Create(name, included[here.Name])));
        var made = stage(graph, edges);
        foreach (var name in taken ? outputs : outputs.Append(output))
        {
            if (name == output)
            {
                graph.Output(name, made, TypeOf(graph, made, name));
            }
            else
            {
                graph.Output(name, edges[name]);
            }
        }
        return Finished(graph, model);
    }

    /// <summary>The model with an input computed from others, which the stage adds to the graph.</summary>
    /// <param name="model">Any model.</param>
    /// <param name="input">The input that is fed from now on. The stage's own may have its name.</param>
    /// <param name="stage">Adds inputs to the graph, and makes of them what feeds the model's input.</param>
    /// <exception cref="OnnxModelException">The model is unsound.</exception>
    /// <exception cref="ArgumentException">It has no such input.</exception>
    public static ModelProto Prepend(ModelProto model, string input, Func<OnnxGraph, Edge> stage)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(stage);
        if (model.Graph.Input.All(info => info.Name != input))
        {
            throw new ArgumentException($"The model has no input '{input}'; it has {string.Join(", ", model.Graph.Input.Select(info => $"'{info.Name}'"))}.", nameof(input));
        }
        var graph = new OnnxGraph(model.Graph.Name);
        (string, Edge)[] fed = [.. model.Graph.Input.Where(info => info.Name == input || !model.Graph.Defaults(info.Name))
            .Select(info => (info.Name, info.Name == input ? stage(graph) : graph.Input(info.Name, info.Type)))];
        var outputs = graph.Include("", model, fed);
        foreach (var info in model.Graph.Output)
        {
            graph.Output(info, outputs[info.Name]);
        }
        return Finished(graph, model);
    }

    static TypeProto TypeOf(OnnxGraph graph, Edge made, string output) => new GraphTypes(graph.ToModel())[made.Name].ToProto() ?? throw new OnnxModelException(
        $"The type of output '{output}' is not known: no rule tells what the last operator of its stage makes. Say it in the stage, with {nameof(OnnxGraph)}.{nameof(OnnxGraph.Declare)}.");

    static ModelProto Renamed(ModelProto model, string output)
    {
        var renamed = model.Clone();
        Renaming.Into("", new Dictionary<string, string> { [output] = $"before.{output}" }, new Dictionary<string, TensorShapeProto.Types.Dimension>()).Apply(renamed.Graph);
        return renamed;
    }

    static ModelProto Finished(OnnxGraph graph, ModelProto model)
    {
        var finished = graph.ToModel();
        finished.DocString = model.DocString;
        ModelProperties.Write(finished, ModelProperties.Read(model));
        return finished;
    }
}
