using Google.Protobuf.Collections;
using Onnx;

namespace Cclm.Export;

/// <summary>Converts a model's graphs to half precision; inputs and outputs, of nested graphs too, and local functions stay as they are.</summary>
sealed class Float16Graphs(QuantizationOptions options, RepeatedField<FunctionProto> functions)
{
    readonly Dictionary<TensorProto, string> halves = new(ReferenceEqualityComparer.Instance);      // branches may have equal weights of one name

    /// <summary>What operators give.</summary>
    public OutputTypes Types { get; } = new(functions);

    /// <summary>Converts a graph and those nested in it.</summary>
    /// <returns>How many weights are in half precision.</returns>
    public int Convert(EditedGraph graph)
    {
        new Float16Graph(graph, null, this).Convert();
        return halves.Count;
    }

    /// <summary>Whether what reads a constant has to stay in float32: it is to be kept, or has numbers that half precision has not.</summary>
    public bool IsKept(string name, TensorProto tensor, bool isWeight) =>
        tensor.DataType == (int)TensorProto.Types.DataType.Float && (options.Keeps(name) || Float16Operators.IsBeyond(tensor, isWeight));

    /// <summary>A weight in half precision, beside the float one, stored once.</summary>
    public string Half(TensorProto weight, EditedGraph place)
    {
        if (!halves.TryGetValue(weight, out var name))
        {
            halves.Add(weight, name = place.Store(Float16Operators.Round(weight, place.Fresh($"{weight.Name}.float16"))));
        }
        return name;
    }
}
