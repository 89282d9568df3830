using System.Text;
using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

public sealed class SafetensorsTests
{
    /// <summary>A whole file, written out from the format's description.</summary>
    static readonly byte[] Example =
    [
        64, 0, 0, 0, 0, 0, 0, 0,
        .. """{"attn.0":{"dtype":"F32","shape":[1,2,3],"data_offsets":[0,24]}}"""u8,
        0, 0, 0, 0, 0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64, 0, 0, 128, 64, 0, 0, 160, 64,     // 0 1 2 3 4 5
    ];

    TempFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = new();

    [TearDown]
    public void DeleteFolder() => folder.Dispose();

    [Test]
    public void TheExampleOfTheFormatIsReadAndWrittenByteForByte()
    {
        var tensor = Safetensors.Read(folder.Write("example", Example)).Tensors["attn.0"];
        Safetensors.Write(folder["again"], [tensor]);

        Assert.That(tensor.Shape, Is.EqualTo((long[])[1, 2, 3]));
        Assert.That(Floats(tensor), Is.EqualTo((float[])[0, 1, 2, 3, 4, 5]));
        Assert.That(File.ReadAllBytes(folder["again"]), Is.EqualTo(Example));
    }

    [Test]
    public void ATensorComesBackAsItWas(
        [Values("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "I16", "U16", "F16", "BF16", "I32", "U32", "F32", "F64", "I64", "U64")] string type,
        [Values("", "1", "0", "7", "3,5", "2,0,3", "1,2,3,1")] string shape)
    {
        long[] dimensions = [.. shape.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)];
        var size = type is "BOOL" or "U8" or "I8" || type.StartsWith("F8", StringComparison.Ordinal) ? 1 : int.Parse(type.AsSpan(type.Length - 2)) / 8;
        var data = new byte[dimensions.Aggregate(size, (bytes, dimension) => bytes * (int)dimension)];
        new Random(5).NextBytes(data);

        Safetensors.Write(folder["file"], [new("x", type, dimensions, data)]);
        var tensor = Safetensors.Read(folder["file"]).Tensors["x"];

        Assert.That((tensor.Name, tensor.DType), Is.EqualTo(("x", type)));
        Assert.That(tensor.Shape, Is.EqualTo(dimensions));
        Assert.That(tensor.Data.ToArray(), Is.EqualTo(data));
    }

    [Test]
    public void NamesAndMetadataMayBeAnyText()
    {
        var metadata = new Dictionary<string, string> { ["größe \"1\""] = "a\n\t\\b", ["😀"] = "", [""] = "+<>&'" };
        Safetensors.Write(folder["file"], [Tensor("block.0/weight \"é\" 😀", 3), Tensor("", 2)], metadata);

        var file = Safetensors.Read(folder["file"]);

        Assert.That(file.Metadata, Is.EquivalentTo(metadata));
        Assert.That(file.Tensors.Keys, Is.EquivalentTo((string[])["block.0/weight \"é\" 😀", ""]));
    }

    [Test]
    public void AFileMayHoldNothing()
    {
        Safetensors.Write(folder["file"], []);

        Assert.That(Safetensors.Read(folder["file"]).Tensors, Is.Empty);
        Assert.That(Encoding.UTF8.GetString(File.ReadAllBytes(folder["file"]).AsSpan(8)), Is.EqualTo("{}      "));
    }

    [Test]
    public void TheSameTensorsGiveTheSameBytesInWhateverOrderTheyCome()
    {
        SafeTensor[] tensors = [Tensor("b", 3), Tensor("a", 1), Tensor("B", 2), new("z", "I64", [1], new byte[8])];

        Safetensors.Write(folder["one"], tensors, new Dictionary<string, string> { ["x"] = "1", ["y"] = "2" });
        Safetensors.Write(folder["two"], tensors.Reverse(), new Dictionary<string, string> { ["y"] = "2", ["x"] = "1" });

        Assert.That(File.ReadAllBytes(folder["two"]), Is.EqualTo(File.ReadAllBytes(folder["one"])));
    }

    [Test]
    public void EveryTensorLiesAtAMultipleOfItsElementsSize()
    {
        byte[] eight = [1, 2, 3, 4, 5, 6, 7, 8];
        Safetensors.Write(folder["file"], [new("a", "U8", [3], new byte[3]), Tensor("b", 1), new("c", "I64", [1], eight), Tensor("d", 2)]);

        var bytes = File.ReadAllBytes(folder["file"]);
        var header = Encoding.UTF8.GetString(bytes, 8, bytes[0] | (bytes[1] << 8));

        Assert.That(header.Length % 8, Is.Zero);
        Assert.That(header.TrimEnd(), Is.EqualTo(
            """{"c":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}""" +
            ""","d":{"dtype":"F32","shape":[2],"data_offsets":[12,20]},"a":{"dtype":"U8","shape":[3],"data_offsets":[20,23]}}"""));
        Assert.That(Safetensors.Read(folder["file"]).Tensors["c"].Data.ToArray(), Is.EqualTo(eight));
    }

    [TestCase("x", "F32", 4, "Two tensors are named 'x'")]
    [TestCase("__metadata__", "F32", 4, "'__metadata__'")]
    [TestCase("y", "F33", 4, "Tensor 'y' has the element type 'F33'; expected one of BOOL, U8")]
    [TestCase("y", "F32", 5, "Tensor 'y' has 5 bytes of data; its type F32 and shape [1] need 4")]
    public void WhatCannotBeReadIsNotWritten(string name, string type, int bytes, string message)
    {
        Safetensors.Write(folder["file"], [Tensor("x", 1)]);
        var before = File.ReadAllBytes(folder["file"]);

        Assert.That(() => Safetensors.Write(folder["file"], [Tensor("x", 1), new(name, type, [1], new byte[bytes])]),
            Throws.ArgumentException.With.Message.Contains(message));
        Assert.That(File.ReadAllBytes(folder["file"]), Is.EqualTo(before));
    }

    static SafeTensor Tensor(string name, int length) => new(name, "F32", [length], new byte[4 * length]);

    static float[] Floats(SafeTensor tensor) => [.. Enumerable.Range(0, tensor.Data.Length / 4).Select(i => BitConverter.ToSingle(tensor.Data.Span[(4 * i)..]))];
}
