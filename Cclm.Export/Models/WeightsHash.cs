using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <summary>Identifies a part by its weights, the same before its export, in its own file and inside a composed model.</summary>
/// <remarks>
/// SHA-256, in lower-case hexadecimal, over the weights in ordinal order of their names; for each: its name in UTF-8 and a zero
/// byte, its element type as the standard's number, its rank, its dimensions, the length of its data (all int64, little-endian)
/// and the data, row-major and little-endian. Every initializer of a graph is a weight: what a graph needs besides weights
/// stands in Constant nodes.
/// </remarks>
public static class WeightsHash
{
    /// <summary>The hash of float32 weights, as a state_dict has them.</summary>
    /// <param name="weights">Name, shape and little-endian bytes of each; in any order.</param>
    public static string Of(IEnumerable<(string Name, long[] Shape, ReadOnlyMemory<byte> Data)> weights) =>
        Of(weights.Select(weight => (weight.Name, DataType.Float, weight.Shape, weight.Data)));

    /// <summary>The hash of weights of any element type.</summary>
    /// <param name="weights">Name, element type, shape and little-endian bytes of each; in any order.</param>
    public static string Of(IEnumerable<(string Name, DataType Type, long[] Shape, ReadOnlyMemory<byte> Data)> weights) =>
        Hash(weights.Select(weight => (weight.Name, weight.Type, weight.Shape, (long)weight.Data.Length, Enumerable.Repeat(weight.Data, 1))));

    /// <summary>The hash of a model's weights.</summary>
    /// <exception cref="OnnxModelException">An initializer's data is not in the file, or not numeric.</exception>
    public static string Of(ModelProto model) => Of(model, "");

    /// <summary>The hash of a model that may have heads: they answer from its vectors and have no part in them.</summary>
    /// <inheritdoc cref="Of(ModelProto)"/>
    internal static string WithoutHeads(ModelProto model) => Of(model, name => !IsOfHead(name), "");

    /// <summary>Whether a weight, or a value, of a composed model belongs to one of its heads.</summary>
    internal static bool IsOfHead(string name) => name.StartsWith("heads.", StringComparison.Ordinal);

    /// <summary>The hash of one part's weights inside a composed model; it equals that of the part alone.</summary>
    /// <param name="model">The composed model.</param>
    /// <param name="prefix">What the part's names begin with there, such as <c>towers.topic.</c>; it is not hashed.</param>
    /// <exception cref="OnnxModelException">An initializer's data is not in the file, or not numeric.</exception>
    public static string Of(ModelProto model, string prefix) => Of(model, name => name.StartsWith(prefix, StringComparison.Ordinal), prefix);

    static string Of(ModelProto model, Func<string, bool> hashed, string prefix) => Hash(model.Graph.Initializer
        .Where(tensor => hashed(tensor.Name))
        .Select(tensor => (tensor.Name[prefix.Length..], (DataType)tensor.DataType, tensor.Dims.ToArray(), TensorData.ByteLength(tensor), TensorData.Chunks(tensor))));

    static string Hash(IEnumerable<(string Name, DataType Type, long[] Shape, long Length, IEnumerable<ReadOnlyMemory<byte>> Data)> weights)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, type, shape, length, data) in weights.OrderBy(weight => weight.Name, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}\0"));
            hash.AppendData(LittleEndian([(long)type, shape.Length, .. shape, length]));
            foreach (var chunk in data)
            {
                hash.AppendData(chunk.Span);
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    static ReadOnlySpan<byte> LittleEndian(long[] values)
    {
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(values, values);
        }
        return MemoryMarshal.AsBytes<long>(values);
    }
}
