using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Google.Protobuf;
using NUnit.Framework;

namespace Cclm.Tests.Training;

/// <summary>One value of an event file: a scalar or a text.</summary>
sealed record LoggedValue(long Step, double Time, string Tag, float? Scalar, string? Text);

/// <summary>
/// Reads TensorBoard's event files by their published formats (TFRecord framing with masked CRC-32C; event.proto, summary.proto and
/// tensor.proto by field number), with none of the code that wrote them.
/// </summary>
static class EventFile
{
    public static IEnumerable<LoggedValue> Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        for (var at = 0; at < bytes.Length;)
        {
            var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at));
            AssertChecksum(bytes.AsSpan(at, 8), bytes.AsSpan(at + 8));
            var record = bytes.AsSpan(at + 12, length);
            AssertChecksum(record, bytes.AsSpan(at + 12 + length));
            foreach (var value in Event(record.ToArray()))
            {
                yield return value;
            }
            at += 12 + length + 4;
        }
    }

    static void AssertChecksum(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> stored)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }
        Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(stored), Is.EqualTo(BitOperations.RotateRight(~crc, 15) + 0xa282ead8u));
    }

    static List<LoggedValue> Event(byte[] message)
    {
        var (time, step, summary) = (0.0, 0L, (byte[]?)null);
        Fields(message, (field, input) =>
        {
            switch (field)
            {
                case 1: time = input.ReadDouble(); break;
                case 2: step = input.ReadInt64(); break;
                case 5: summary = input.ReadBytes().ToByteArray(); break;
                default: return false;
            }
            return true;
        });
        var values = new List<LoggedValue>();
        Fields(summary ?? [], (field, input) =>
        {
            if (field == 1)
            {
                values.Add(Value(input.ReadBytes().ToByteArray()) with { Step = step, Time = time });
            }
            return field == 1;
        });
        return values;
    }

    static LoggedValue Value(byte[] message)
    {
        var value = new LoggedValue(0, 0, "", null, null);
        Fields(message, (field, input) =>
        {
            switch (field)
            {
                case 1: value = value with { Tag = input.ReadString() }; break;
                case 2: value = value with { Scalar = input.ReadFloat() }; break;
                case 8: value = value with { Text = TensorText(input.ReadBytes().ToByteArray()) }; break;
                default: return false;
            }
            return true;
        });
        return value;
    }

    static string? TensorText(byte[] message)
    {
        var text = (string?)null;
        Fields(message, (field, input) =>
        {
            if (field == 8)     // string_val
            {
                text = Encoding.UTF8.GetString(input.ReadBytes().Span);
            }
            return field == 8;
        });
        return text;
    }

    static void Fields(byte[] message, Func<int, CodedInputStream, bool> read)
    {
        using var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag && tag != 0)
        {
            if (!read(WireFormat.GetTagFieldNumber(tag), input))
            {
                input.SkipLastField();
            }
        }
    }
}
