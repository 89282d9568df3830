using System.Buffers.Binary;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Cclm.Training.Data;

/// <summary>What a safetensors file holds.</summary>
/// <param name="Tensors">The tensors by name.</param>
/// <param name="Metadata">The file's <c>__metadata__</c>; empty where it has none.</param>
public sealed record SafetensorsFile(IReadOnlyDictionary<string, SafeTensor> Tensors, IReadOnlyDictionary<string, string> Metadata);

/// <summary>Reads and writes the safetensors format (https://github.com/huggingface/safetensors, section "Format").</summary>
/// <remarks>
/// A file is the header's length (8 bytes, little-endian), the header (a JSON object, padded with spaces), and the tensors' bytes.
/// A file cannot run code, and its reader here trusts none of it: memory stays within a small multiple of the file's size,
/// whatever its header claims.
/// </remarks>
public static class Safetensors
{
    const int LengthBytes = 8;
    const int MaxHeader = 100_000_000;      // the reference implementation's limit

    /// <summary>Writes a file whole or not at all; the same tensors give the same bytes, in whatever order they come.</summary>
    /// <exception cref="ArgumentException">Two tensors have one name, a type is unknown, or a shape and its data do not agree.</exception>
    public static void Write(string path, IEnumerable<SafeTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        SafeTensor[] ordered = [.. tensors.OrderByDescending(tensor => SafeTensor.Rank(tensor.DType)).ThenBy(tensor => tensor.Name, StringComparer.Ordinal)];
        var names = new HashSet<string> { SafetensorsHeader.MetadataKey };
        foreach (var tensor in ordered)
        {
            if (!names.Add(tensor.Name))
            {
                throw new ArgumentException($"Two tensors are named '{tensor.Name}', or the name is the format's own; expected a name of its own for each.", nameof(tensors));
            }
            if (SafeTensor.Problem(tensor.DType, tensor.Shape, tensor.Data.Length) is { } problem)
            {
                throw new ArgumentException($"Tensor '{tensor.Name}' {problem}", nameof(tensors));
            }
        }
        var header = SafetensorsHeader.Write(ordered, metadata);
        var length = new byte[LengthBytes];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(length);
            stream.Write(header);
            foreach (var tensor in ordered)
            {
                stream.Write(tensor.Data.Span);
            }
        });
    }

    /// <summary>Reads a file into memory of its own.</summary>
    /// <exception cref="InvalidDataException">The file is truncated, or breaks a rule of the format; the message says which.</exception>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    public static SafetensorsFile Read(string path)
    {
        using var file = File.OpenHandle(path);
        try
        {
            return Read(file);
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or InvalidOperationException or EndOfStreamException)
        {
            throw new InvalidDataException($"'{path}' is not a valid safetensors file: {e.Message} Copy it again from where it came from, or save it again.", e);
        }
    }

    static SafetensorsFile Read(SafeFileHandle file)
    {
        var size = RandomAccess.GetLength(file);
        if (size < LengthBytes)
        {
            throw new InvalidDataException($"It has {size} bytes; expected the header's length in the first {LengthBytes}.");
        }
        var length = BinaryPrimitives.ReadUInt64LittleEndian(ReadExactly(file, 0, LengthBytes));
        var limit = Math.Min(size - LengthBytes, MaxHeader);
        if (length > (ulong)limit)
        {
            throw new InvalidDataException($"It announces a header of {length} bytes; expected at most {limit} in a file of {size}.");
        }
        var header = ReadExactly(file, LengthBytes, (int)length);
        var data = LengthBytes + header.Length;
        var (entries, metadata) = SafetensorsHeader.Parse(header, size - data);
        return new(entries.ToDictionary(entry => entry.Key, entry => ReadTensor(file, data, entry.Key, entry.Value)), metadata);
    }

    static SafeTensor ReadTensor(SafeFileHandle file, long data, string name, SafetensorsEntry entry) => entry.Length <= Array.MaxLength
        ? new(name, entry.Dtype, entry.Shape, ReadExactly(file, data + entry.Begin, (int)entry.Length))
        : throw new InvalidDataException($"Tensor '{name}' has {entry.Length} bytes; this reader holds at most {Array.MaxLength} a tensor. Split it.");

    static byte[] ReadExactly(SafeFileHandle file, long offset, int count)
    {
        var bytes = new byte[count];
        for (var done = 0; done < count;)
        {
            var read = RandomAccess.Read(file, bytes.AsSpan(done), offset + done);
            done += read > 0 ? read : throw new EndOfStreamException($"It ended at byte {offset + done} while it was read.");
        }
        return bytes;
    }
}
