using System.Buffers.Binary;
using System.Text;
using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

public sealed class SafetensorsDamageTests
{
    const string Entry = """{"dtype":"F32","shape":[2],"data_offsets":[0,8]}""";

    TempFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = new();

    [TearDown]
    public void DeleteFolder() => folder.Dispose();

    [TestCase("[]", 0, "not a JSON object")]
    [TestCase(" {}", 0, "not a JSON object")]
    [TestCase("", 0, "not a JSON object")]
    [TestCase("{\"x\":", 8, "JSON")]
    [TestCase("{} {}", 0, "'{' is invalid")]
    [TestCase("{\"x\":" + Entry + ",\"x\":" + Entry + "}", 8, "x")]
    [TestCase("{\"\\ud800\":" + Entry + "}", 8, "UTF-16")]
    [TestCase("{\"x\":null}", 0, "'x' in its header")]
    [TestCase("{\"x\":[1]}", 0, "'x' in its header")]
    [TestCase("{\"__metadata__\":{\"a\":1}}", 0, "'__metadata__' in its header")]
    [TestCase("{\"x\":{\"dtype\":\"F32\",\"shape\":[2]}}", 8, "data_offsets")]
    [TestCase("{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"more\":1}}", 8, "more")]
    [TestCase("{\"x\":{\"dtype\":null,\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "dtype")]
    [TestCase("{\"x\":{\"dtype\":\"F33\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "element type 'F33'; expected one of BOOL")]
    [TestCase("{\"x\":{\"dtype\":\"F32\",\"shape\":[2.5],\"data_offsets\":[0,8]}}", 8, "shape")]
    [TestCase("{\"x\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", 8, "shape [-2]; expected dimensions of 0 or more")]
    [TestCase("{\"x\":{\"dtype\":\"F32\",\"shape\":[-1,-2],\"data_offsets\":[0,8]}}", 8, "shape [-1, -2]; expected")]
    [TestCase("{\"x\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", 8, "has 8 bytes of data; its type F32 and shape [3] need 12")]
    [TestCase("{\"x\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296,2],\"data_offsets\":[0,8]}}", 8, "product fits")]
    [TestCase("{\"x\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,9223372036854775807],\"data_offsets\":[0,8]}}", 8, "product fits")]
    [TestCase("{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}", 8, "data_offsets [0]; expected a begin and an end")]
    [TestCase("{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", 8, "data_offsets [8, 0]; expected a begin and an end")]
    [TestCase("{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}}", 8, "within the 8 bytes")]
    [TestCase("{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,9223372036854775808]}}", 8, "data_offsets")]
    [TestCase("{\"x\":" + Entry + "}", 7, "data_offsets [0, 8]; expected a begin and an end within the 7 bytes")]
    [TestCase("{\"x\":" + Entry + "}", 9, "9 bytes of data follow its header; expected the 8")]
    [TestCase("{\"x\":" + Entry + ",\"y\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}", 12, "'y' begins at byte 4 of the data; expected 8")]
    [TestCase("{\"x\":" + Entry + ",\"y\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[12,20]}}", 20, "'y' begins at byte 12 of the data; expected 8")]
    [TestCase("{\"x\":" + Entry + ",\"y\":" + Entry + "}", 8, "begins at byte 0 of the data; expected 8")]
    public void ABrokenHeaderIsNamed(string header, int dataBytes, string message) =>
        AssertRefused(FileOf(Encoding.UTF8.GetBytes(header), dataBytes), message);

    [Test]
    public void BytesThatAreNotUtf8AreNamed() =>
        AssertRefused(FileOf([.. "{\"__metadata__\":{\"a\":\""u8, 0xFF, .. "\"}}"u8], 0), "not a JSON object in UTF-8");

    [TestCase(new byte[0], "It has 0 bytes")]
    [TestCase(new byte[] { 1, 2, 3, 4, 5, 6, 7 }, "It has 7 bytes")]
    [TestCase(new byte[] { 3, 0, 0, 0, 0, 0, 0, 0, 123, 125 }, "a header of 3 bytes; expected at most 2 in a file of 10")]
    [TestCase(new byte[] { 255, 255, 255, 255, 255, 255, 255, 255, 123, 125 }, "a header of 18446744073709551615 bytes; expected at most 2")]
    public void AFileTooShortForItsHeaderIsNamed(byte[] file, string message) =>
        AssertRefused(file, message);

    [Test]
    public void AHeaderAboveTheLimitIsRefusedBeforeItIsRead()
    {
        var path = folder.Write("file", FileOf([], 0, length: 100_000_001));
        using (var file = File.OpenWrite(path))
        {
            file.SetLength(100_000_100);        // sparse
        }

        AssertRefused(path, "a header of 100000001 bytes; expected at most 100000000");
    }

    [Test]
    public void MemoryStaysBoundedByTheFileWhateverItClaims()
    {
        var path = folder.Write("file", FileOf("""{"x":{"dtype":"U8","shape":[2000000000],"data_offsets":[0,2000000000]}}"""u8.ToArray(), 8));
        AssertRefused(path, "within the 8 bytes");     // all code is compiled now

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(() => Safetensors.Read(path), Throws.TypeOf<InvalidDataException>());

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1_000_000));
    }

    [Test]
    public void AThousandDamagedFilesAreReadRightOrRefused()
    {
        Safetensors.Write(folder["file"], [new("a.weight", "F32", [3, 5], new byte[60]), new("b", "I64", [2], new byte[16])], new Dictionary<string, string> { ["k"] = "v" });
        var good = File.ReadAllBytes(folder["file"]);
        var random = new Random(11);
        var refused = 0;
        for (var i = 0; i < 1000; i++)
        {
            byte[] bytes = [.. good.AsSpan(0, random.Next(4) > 0 ? good.Length : random.Next(good.Length))];
            for (var flips = random.Next(4); flips > 0 && bytes.Length > 0; flips--)
            {
                bytes[random.Next(Math.Min(bytes.Length, 200))] ^= (byte)(1 << random.Next(8));
            }
            try
            {
                var file = Safetensors.Read(folder.Write("damaged", bytes));
                Assert.That(file.Tensors.Values.Sum(tensor => tensor.Data.Length), Is.EqualTo(76));
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }
        Assert.That(refused, Is.GreaterThan(500));
    }

    static byte[] FileOf(byte[] header, int dataBytes, long? length = null)
    {
        var file = new byte[8 + header.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(file, length ?? header.Length);
        header.CopyTo(file, 8);
        return file;
    }

    void AssertRefused(byte[] file, string message) => AssertRefused(folder.Write("file", file), message);

    static void AssertRefused(string path, string message) => Assert.That(() => Safetensors.Read(path),
        Throws.TypeOf<InvalidDataException>().With.Message.StartsWith($"'{path}' is not a valid safetensors file: ")
            .And.Message.Contains(message).And.Message.EndsWith("Copy it again from where it came from, or save it again."));
}
