using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Export;

/// <summary>A value that a test of the standard records: a tensor, a sequence of tensors, or an optional one of them.</summary>
/// <param name="Name">The input that it is for.</param>
/// <param name="Type">The input's type.</param>
/// <param name="Bytes">A TensorProto, or a SequenceProto or OptionalProto of the standard's onnx-data.proto.</param>
sealed record RecordedValue(string Name, TypeProto Type, byte[] Bytes)
{
    const int SequenceTensors = 3, OptionalTensor = 3, OptionalSequence = 5;

    /// <summary>The value for ONNX Runtime.</summary>
    /// <exception cref="NotSupportedException">It is of a kind that the runtime's .NET interface can not make.</exception>
    public OrtValue ToOrtValue() => Make(Type, Bytes);

    static OrtValue Make(TypeProto type, byte[] bytes) => type.ValueCase switch
    {
        TypeProto.ValueOneofCase.TensorType => Tensor(TensorProto.Parser.ParseFrom(bytes), (TensorElementType)type.TensorType.ElemType),
        TypeProto.ValueOneofCase.SequenceType => OrtValue.CreateSequence([.. Fields(bytes, SequenceTensors).Select(field => Make(type.SequenceType.ElemType, field))]),
        TypeProto.ValueOneofCase.OptionalType => Make(type.OptionalType.ElemType, Fields(bytes, OptionalTensor).Concat(Fields(bytes, OptionalSequence)).FirstOrDefault()
            ?? throw new NotSupportedException("an optional value that is none")),
        var other => throw new NotSupportedException(other.ToString()),
    };

    static IEnumerable<byte[]> Fields(byte[] message, int number)
    {
        var input = new CodedInputStream(message);
        for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            if (WireFormat.GetTagFieldNumber(tag) == number)
            {
                yield return input.ReadBytes().ToByteArray();
            }
            else
            {
                input.SkipLastField();
            }
        }
    }

    /// <param name="tensor">The recorded tensor; NumPy has no bfloat16, so that it is recorded as its bits.</param>
    /// <param name="type">The element type that it stands for.</param>
    static OrtValue Tensor(TensorProto tensor, TensorElementType type)
    {
        var shape = tensor.Dims.ToArray();
        if (tensor.DataType == (int)DataType.String)
        {
            var texts = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, shape);
            for (var i = 0; i < tensor.StringData.Count; i++)
            {
                texts.StringTensorSetElementAt(tensor.StringData[i].Span, i);
            }
            return texts;
        }
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, type, shape);
        Raw(tensor).CopyTo(value.GetTensorMutableRawData());
        return value;
    }

    static byte[] Raw(TensorProto tensor) => tensor.HasRawData ? tensor.RawData.ToByteArray() : (DataType)tensor.DataType switch
    {
        DataType.Float => [.. tensor.FloatData.SelectMany(BitConverter.GetBytes)],
        DataType.Double => [.. tensor.DoubleData.SelectMany(BitConverter.GetBytes)],
        DataType.Int64 => [.. tensor.Int64Data.SelectMany(BitConverter.GetBytes)],
        DataType.Uint64 => [.. tensor.Uint64Data.SelectMany(BitConverter.GetBytes)],
        DataType.Int32 => [.. tensor.Int32Data.SelectMany(BitConverter.GetBytes)],
        DataType.Int16 or DataType.Uint16 or DataType.Float16 or DataType.Bfloat16 => [.. tensor.Int32Data.SelectMany(number => BitConverter.GetBytes((ushort)number))],
        DataType.Int8 or DataType.Uint8 or DataType.Bool => [.. tensor.Int32Data.Select(number => (byte)number)],
        var other => throw new NotSupportedException($"tensors of {other}"),
    };
}
