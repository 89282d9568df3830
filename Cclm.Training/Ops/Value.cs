using System.Runtime.CompilerServices;
using Cclm.Export;
using static TorchSharp.torch;

namespace Cclm.Training;

/// <summary>
/// What flows between layers: a tensor while training, an edge of an ONNX graph while exporting. A layer written on values
/// is therefore one definition with two meanings.
/// </summary>
/// <remarks>
/// A value carries its padding mask [B,T] along, so that what mixes positions (convolution, attention, pooling) leaves
/// padding out by itself, and a layer can not forget to.
/// </remarks>
public abstract record Value
{
    Value() { }

    /// <summary>A tensor, and the mask [B,T] (bool) of its positions that are not padding; null where there is no padding.</summary>
    public sealed record Torch(Tensor Tensor, Tensor? Mask = null) : Value;

    /// <summary>An edge of the graph that is being written, and the edge of its mask [B,T] (bool).</summary>
    public sealed record Onnx(Exporter Graph, Edge Edge, Edge Mask) : Value;

    /// <summary>One operation on several values, in both meanings; the mask is that of the first.</summary>
    public static Value Op(IReadOnlyList<Value> inputs, Func<Tensor[], Tensor> torch, Func<Exporter, Edge[], Edge> onnx) => inputs[0] switch
    {
        Torch first => first with { Tensor = torch([.. inputs.Select(input => Same<Torch>(input).Tensor)]) },
        Onnx first => first with { Edge = onnx(first.Graph, [.. inputs.Select(input => Same<Onnx>(input).Edge)]) },
        _ => throw new InvalidOperationException("A value is a tensor or an ONNX edge."),
    };

    /// <summary>One operation, in both meanings.</summary>
    public Value Op(Func<Tensor, Tensor> torch, Func<Exporter, Edge, Edge> onnx) =>
        Op([this], inputs => torch(inputs[0]), (graph, inputs) => onnx(graph, inputs[0]));

    /// <inheritdoc cref="Op(Func{Tensor, Tensor}, Func{Exporter, Edge, Edge})"/>
    public Value Op(Value y, Func<Tensor, Tensor, Tensor> torch, Func<Exporter, Edge, Edge, Edge> onnx) =>
        Op([this, y], inputs => torch(inputs[0], inputs[1]), (graph, inputs) => onnx(graph, inputs[0], inputs[1]));

    /// <summary>One operation that has to know which positions are padding.</summary>
    public Value MaskedOp(Func<Tensor, Tensor?, Tensor> torch, Func<Exporter, Edge, Edge, Edge> onnx) => this switch
    {
        Torch x => x with { Tensor = torch(x.Tensor, x.Mask) },
        Onnx x => x with { Edge = onnx(x.Graph, x.Edge, x.Mask) },
        _ => throw new InvalidOperationException("A value is a tensor or an ONNX edge."),
    };

    /// <summary>An operation that only trains: exporting it fails, and names it.</summary>
    public Value TrainingOp(Func<Tensor, Tensor> torch, [CallerMemberName] string name = "") =>
        Op(torch, (_, _) => throw new NotSupportedException(
            $"'{name}' has no ONNX meaning, so what calls it can not be exported. Give it one (Value.Op with both meanings), or keep it out of forward."));

    /// <summary>Sum, with broadcasting.</summary>
    public static Value operator +(Value a, Value b) => a.Op(b, (x, y) => x.Plus(y), (graph, x, y) => graph.Op("Add", [x, y]));

    /// <summary>Product, with broadcasting.</summary>
    public static Value operator *(Value a, Value b) => a.Op(b, (x, y) => x * y, (graph, x, y) => graph.Op("Mul", [x, y]));

    /// <summary>Product with a number.</summary>
    public static Value operator *(Value a, float b) => a.Op(x => x.mul(Scalars.Kept(b)), (graph, x) => graph.Op("Mul", [x, graph.Scalar(b)]));

    static T Same<T>(Value value) where T : Value => value as T ??
        throw new InvalidOperationException("A tensor met an ONNX edge: one forward pass uses one kind of value.");
}
