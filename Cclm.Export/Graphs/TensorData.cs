using System.Runtime.InteropServices;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <summary>The elements of a tensor, in whichever of the standard's forms they are stored.</summary>
static class TensorData
{
    const int ChunkLength = 1 << 20;

    /// <summary>The elements as they would stand in <c>raw_data</c>.</summary>
    /// <exception cref="OnnxModelException">They lie in a file that is not known or not there, or are of a type without a raw form here.</exception>
    public static ReadOnlyMemory<byte> Bytes(TensorProto tensor)
    {
        if (tensor.DataLocation == DataLocation.External)
        {
            var place = ExternalData.Of(tensor);
            var bytes = new byte[place.Length];
            using var file = Open(tensor, place);
            file.ReadExactly(bytes);
            return bytes;
        }
        if (tensor.HasRawData)
        {
            return tensor.RawData.Memory;
        }
        return (DataType)tensor.DataType switch
        {
            DataType.Float => Copy(tensor.FloatData.ToArray()),
            DataType.Double => Copy(tensor.DoubleData.ToArray()),
            DataType.Int64 => Copy(tensor.Int64Data.ToArray()),
            DataType.Uint64 => Copy(tensor.Uint64Data.ToArray()),
            DataType.Uint32 => Copy(tensor.Uint64Data.Select(value => (uint)value).ToArray()),
            DataType.Int32 => Copy(tensor.Int32Data.ToArray()),
            DataType.Int16 or DataType.Uint16 or DataType.Float16 or DataType.Bfloat16 => Copy(tensor.Int32Data.Select(value => (ushort)value).ToArray()),
            DataType.Int8 or DataType.Uint8 or DataType.Bool => tensor.Int32Data.Select(value => (byte)value).ToArray(),
            _ => throw new OnnxModelException($"Tensor '{tensor.Name}' is of type {ElementType.Name(tensor.DataType)} in its typed form; " +
                "expected numbers of 8 to 64 bits, or raw data."),
        };
    }

    /// <summary>The elements bit by bit, for tensors of which not all may be in memory at once. Each part is good until the next is asked for.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Chunks(TensorProto tensor)
    {
        if (tensor.DataLocation != DataLocation.External)
        {
            var bytes = Bytes(tensor);
            for (var start = 0; start < bytes.Length; start += ChunkLength)
            {
                yield return bytes[start..Math.Min(start + ChunkLength, bytes.Length)];
            }
            yield break;
        }
        var place = ExternalData.Of(tensor);
        using var file = Open(tensor, place);
        var buffer = new byte[Math.Min(ChunkLength, place.Length)];
        for (var left = place.Length; left > 0;)
        {
            var chunk = buffer.AsMemory(0, (int)Math.Min(buffer.Length, left));
            file.ReadExactly(chunk.Span);
            yield return chunk;
            left -= chunk.Length;
        }
    }

    /// <summary>The bytes that the elements take in raw form; 0 where they have none.</summary>
    public static long ByteLength(TensorProto tensor) => ElementType.ByteLength((DataType)tensor.DataType, [.. tensor.Dims]) ?? 0;

    /// <summary>Whether two tensors of one type and shape have the same elements, to the bit.</summary>
    public static bool Same(TensorProto a, TensorProto b)
    {
        if (a.DataType == (int)DataType.String || ElementType.Bits((DataType)a.DataType) < 8)
        {
            return a.StringData.SequenceEqual(b.StringData) && a.Int32Data.Equals(b.Int32Data) && a.RawData.Span.SequenceEqual(b.RawData.Span) && a.DataLocation == b.DataLocation && a.ExternalData.Equals(b.ExternalData);
        }
        return (a.DataLocation == DataLocation.External && a.ExternalData.Equals(b.ExternalData)) || Chunks(a).SequenceEqual(Chunks(b), SameBytes.Instance);
    }

    /// <summary>Takes the elements away.</summary>
    public static void Clear(TensorProto tensor)
    {
        tensor.ClearRawData();
        tensor.FloatData.Clear();
        tensor.DoubleData.Clear();
        tensor.Int32Data.Clear();
        tensor.Int64Data.Clear();
        tensor.Uint64Data.Clear();
        tensor.StringData.Clear();
    }

    static FileStream Open(TensorProto tensor, ExternalData.Place place)
    {
        try
        {
            return new(place.Path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0) { Position = place.Offset };
        }
        catch (FileNotFoundException e)
        {
            throw new OnnxModelException($"The data of tensor '{tensor.Name}' were in '{place.Path}', which is not there any more. Load the model again.", e);
        }
    }

    static byte[] Copy<T>(T[] values) where T : struct => MemoryMarshal.AsBytes<T>(values).ToArray();

    sealed class SameBytes : IEqualityComparer<ReadOnlyMemory<byte>>
    {
        public static readonly SameBytes Instance = new();

        public bool Equals(ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) => x.Span.SequenceEqual(y.Span);

        public int GetHashCode(ReadOnlyMemory<byte> bytes) => bytes.Length;
    }
}
