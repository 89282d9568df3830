using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <summary>A weight as 8-bit integers beside its float one.</summary>
/// <param name="Integers">The integers' name.</param>
/// <param name="Scales">The scales' name.</param>
/// <param name="Rows">Its first dimension.</param>
/// <param name="Columns">Its second dimension.</param>
sealed record Int8Weight(string Integers, string Scales, int Rows, int Columns);

/// <summary>Finds the weights that nodes read and stores them in 8 bits, each once in a layout.</summary>
sealed class Int8WeightStore(QuantizationOptions options)
{
    enum Layout
    {
        Columns,        // [In,Out], a scale for each column
        Transposed,     // [Out,In], stored as [In,Out]
        Taps,           // [Out,In,kernel], stored as [kernel * In,Out]
        Rows,           // a table, a scale for each row
    }

    // By reference: branches may have equal weights of one name, which are not seen from each other.
    readonly Dictionary<Layout, Dictionary<TensorProto, Int8Weight>> stored = Enum.GetValues<Layout>().ToDictionary(layout => layout, _ => new Dictionary<TensorProto, Int8Weight>(ReferenceEqualityComparer.Instance));

    /// <summary>The right side of a product as [In,Out] with a scale for each column, turned by a Transpose or not; null where it is no such weight.</summary>
    public Int8Weight? Matrix(EditedGraph graph, string name, bool transposed = false)
    {
        if (graph.Constant(name) is { } constant)
        {
            return Find(constant, name, 2, transposed ? Layout.Transposed : Layout.Columns);
        }
        if (graph.Maker(name) is not ({ OpType: "Transpose" } turn, var place))
        {
            return null;
        }
        return turn.Attribute.Count == 0 || turn.Attribute is [{ Name: "perm", Ints: [1, 0] }] ? Matrix(place, turn.Input[0], !transposed) : null;
    }

    /// <summary>The weight of a convolution over one dimension as a matrix over its taps side by side.</summary>
    public Int8Weight? Taps(EditedGraph graph, string name) => graph.Constant(name) is { } constant ? Find(constant, name, 3, Layout.Taps) : null;

    /// <summary>A table of rows, each with a scale of its own [Rows,1].</summary>
    public Int8Weight? Table(EditedGraph graph, string name) => graph.Constant(name) is { } constant ? Find(constant, name, 2, Layout.Rows) : null;

    Int8Weight? Find((TensorProto Tensor, EditedGraph In) constant, string name, int rank, Layout layout)
    {
        var tensor = constant.Tensor;
        if (tensor.DataType != (int)DataType.Float || tensor.Dims.Count != rank || tensor.Dims.Contains(0)
            || ElementType.Count(tensor.Dims.ToArray()) < options.SmallestWeight || options.Keeps(name))
        {
            return null;
        }
        if (!stored[layout].TryGetValue(tensor, out var weight))
        {
            stored[layout].Add(tensor, weight = Store(tensor, constant.In, name, layout));
        }
        return weight;
    }

    static Int8Weight Store(TensorProto tensor, EditedGraph graph, string name, Layout layout)
    {
        var (rows, columns, values) = Arrange(tensor, layout);
        var table = layout == Layout.Rows;
        var (integers, scales) = table
            ? Int8Matrix.Quantize(values, rows, columns, Int8Matrix.AllBits)
            : Int8Matrix.Quantize(values, columns, 1, Int8Matrix.ForProducts);
        return new(
            graph.Store(Int8Matrix.Tensor(graph.Fresh($"{name}.int8"), integers, rows, columns)),
            graph.Store(Int8Matrix.Tensor(graph.Fresh($"{name}.scale"), scales, table ? [rows, 1] : [columns])), rows, columns);
    }

    static (int Rows, int Columns, float[] Values) Arrange(TensorProto tensor, Layout layout)
    {
        var values = Int8Matrix.Floats(tensor).ToArray();
        var first = (int)tensor.Dims[0];
        if (layout is Layout.Columns or Layout.Rows)
        {
            return (first, (int)tensor.Dims[1], values);
        }
        var (inputs, kernel) = ((int)tensor.Dims[1], layout == Layout.Taps ? (int)tensor.Dims[2] : 1);
        var turned = new float[values.Length];                                  // [Out,In,kernel] -> [kernel,In,Out]
        for (var i = 0; i < values.Length; i++)
        {
            var (output, input, tap) = (i / kernel / inputs, i / kernel % inputs, i % kernel);
            turned[(((tap * inputs) + input) * first) + output] = values[i];
        }
        return (kernel * inputs, first, turned);
    }
}
