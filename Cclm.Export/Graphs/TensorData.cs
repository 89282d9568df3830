using System.Runtime.InteropServices;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <summary>The elements of a tensor, in whichever of the standard's forms they are stored.</summary>
static class TensorData
{
    /// <summary>The elements as they would stand in <c>raw_data</c>.</summary>
    /// <exception cref="OnnxModelException">They lie in another file, or are of a type without a raw form here.</exception>
    public static ReadOnlyMemory<byte> Bytes(TensorProto tensor)
    {
        if (tensor.DataLocation == DataLocation.External)
        {
            throw new OnnxModelException($"The data of tensor '{tensor.Name}' lies in another file; expected it inside the model. " +
                "Save the model without external data.");
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

    static byte[] Copy<T>(T[] values) where T : struct => MemoryMarshal.AsBytes<T>(values).ToArray();
}
