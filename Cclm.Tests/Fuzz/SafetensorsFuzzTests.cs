using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Fuzz;

[Parallelizable]
public sealed class SafetensorsFuzzTests
{
    [Test]
    public void TheReaderTakesOrRefuses()
    {
        using var folder = new TempFolder(Fuzzing.Disk);
        var file = folder["file"];
        List<byte[]> examples = [];
        foreach (var tensors in (SafeTensor[][])[[], [new("a.weight", "F32", [3, 5], new byte[60]), new("b", "I64", [2], new byte[16])], [new("é", "BOOL", [], new byte[1])]])
        {
            Safetensors.Write(file, tensors, new Dictionary<string, string> { ["cclm.model"] = "{}" });
            examples.Add(File.ReadAllBytes(file));
        }
        var mutator = new Mutator(1, examples, "\"dtype\":", "\"shape\":", "\"data_offsets\":", "\"__metadata__\":", "\"F64\"", "[0,8]", "{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}", ",", "\\ud800", "null");
        Fuzzing.Run("safetensors", () => WithLength(mutator.Next()), bytes =>
        {
            File.WriteAllBytes(file, bytes);
            try
            {
                Safetensors.Read(file);
                return true;
            }
            catch (InvalidDataException)
            {
                return false;
            }
        }, length => 200_000 + 100L * length);
    }

    /// <summary>Most damage changes the header's length too, so half of the inputs have it set right: else little gets past the first check.</summary>
    static byte[] WithLength(byte[] input)
    {
        var end = input.AsSpan().LastIndexOf((byte)'}') + 1;
        if (end > 8 && input[^1] % 2 == 0)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(input, end - 8);
        }
        return input;
    }
}
