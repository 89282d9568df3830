using System.Runtime.InteropServices;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Export;

/// <summary>Float weights as 8-bit integers with one scale for each channel: weight = scale * integer, symmetric about zero.</summary>
static class Int8Matrix
{
    /// <summary>The largest integer where weights are read as numbers.</summary>
    public const int AllBits = 127;

    /// <summary>
    /// The largest integer in products: 7 bits. Processors without VNNI (AVX2) add two products of 8 and 8 bits in 16, where larger weights
    /// saturate, so that the answer would be wrong there; 2 * 255 * 64 is less than 2^15.
    /// </summary>
    public const int ForProducts = 64;

    const float Smallest = 1.17549435e-38f;      // the smallest normal number

    /// <summary>The float numbers of a weight.</summary>
    public static ReadOnlySpan<float> Floats(TensorProto tensor) => MemoryMarshal.Cast<byte, float>(TensorData.Bytes(tensor).Span);

    /// <summary>Quantizes numbers that belong to channels in turn.</summary>
    /// <param name="values">The numbers.</param>
    /// <param name="channels">How many channels there are.</param>
    /// <param name="inner">How many numbers of one channel stand side by side: the product of the dimensions after the channel's.</param>
    /// <param name="largest">The integer that the largest number of a channel becomes.</param>
    /// <returns>The integers in the same order, and a scale for each channel.</returns>
    public static (sbyte[] Integers, float[] Scales) Quantize(ReadOnlySpan<float> values, int channels, int inner, int largest)
    {
        var scales = new float[channels];
        for (var i = 0; i < values.Length; i++)
        {
            ref var scale = ref scales[i / inner % channels];
            scale = Math.Max(scale, Math.Abs(values[i]));
        }
        for (var i = 0; i < channels; i++)
        {
            scales[i] = Math.Max(scales[i] / largest, Smallest);     // a channel of zeros stays one
        }
        var integers = new sbyte[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            integers[i] = (sbyte)MathF.Round(values[i] / scales[i / inner % channels]);
        }
        return (integers, scales);
    }

    /// <summary>A tensor of 8-bit integers.</summary>
    public static TensorProto Tensor(string name, ReadOnlySpan<sbyte> integers, params ReadOnlySpan<long> shape) =>
        OnnxValues.Tensor(name, DataType.Int8, MemoryMarshal.AsBytes(integers), shape);

    /// <summary>A tensor of scales.</summary>
    public static TensorProto Tensor(string name, ReadOnlySpan<float> scales, params ReadOnlySpan<long> shape) =>
        OnnxValues.Tensor(name, DataType.Float, MemoryMarshal.AsBytes(scales), shape);
}
