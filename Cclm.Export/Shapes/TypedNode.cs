using Onnx;

namespace Cclm.Export;

/// <summary>A node with what is known of what it reads: all that the rule of an operator is told.</summary>
sealed class TypedNode(NodeProto node, IReadOnlyList<EdgeType> inputs)
{
    /// <summary>The node.</summary>
    public NodeProto Node => node;

    /// <summary>How many inputs the node names, those left out in between among them.</summary>
    public int Count => inputs.Count;

    /// <summary>Whether an optional input is there.</summary>
    public bool Has(int input) => node.Input.ElementAtOrDefault(input) is { Length: > 0 };

    /// <summary>What is known of an input.</summary>
    public EdgeType this[int input] => inputs.ElementAtOrDefault(input) ?? EdgeType.Unknown;

    /// <summary>The shape of an input; null where its rank is not known.</summary>
    public Dim[]? Shape(int input) => this[input].Shape;

    /// <summary>A shape that is an input: as many dimensions as it has elements, each as far as it is known.</summary>
    public Dim[]? ShapeIn(int input) =>
        this[input].Values ?? (Shape(input) is [{ Number: <= EdgeType.Most and var rank }] ? new Dim[(int)rank] : null);

    /// <summary>The numbers that an input holds; null where they are not known, none where it is not there.</summary>
    public long[]? Numbers(int input) =>
        !Has(input) ? [] : this[input].Values is { } values && values.All(value => value.Number is not null) ? [.. values.Select(value => value.Number!.Value)] : null;

    /// <summary>Axes, which newer operator sets have as an input and older ones as an attribute; null where they are not known, none where they are not said.</summary>
    public long[]? Axes(int input) => Has(input) ? Numbers(input) : [.. node.Numbers("axes")];

    /// <summary>An axis from 0 on.</summary>
    /// <exception cref="OnnxModelException">There is no such axis.</exception>
    public int Axis(long axis, int rank) =>
        axis >= -rank && axis < rank ? (int)(axis < 0 ? axis + rank : axis) : throw Refuse($"axis {axis} found, expected {-rank} to {rank - 1}");

    /// <summary>Two dimensions that have to be equal, as the one of which more is known.</summary>
    /// <exception cref="OnnxModelException">They are not.</exception>
    public Dim Same(Dim a, Dim b) =>
        a.Number is { } x && b.Number is { } y && x != y ? throw Refuse($"dimensions {x} and {y} found, expected equal ones")
        : !a.IsKnown || (a.Number is null && b.Number is not null) ? b : a;

    /// <summary>The error of a node that no runtime can run.</summary>
    public OnnxModelException Refuse(string problem) =>
        new($"Node '{node.Name}' ({node.OpType}), which makes '{node.Output.FirstOrDefault()}', reads {string.Join(", ", node.Input.Select((name, i) => $"'{name}' {OnnxValues.Describe(this[i].ToProto())}"))}: " +
            $"{problem}. Correct the node, or feed it other edges.");
}
