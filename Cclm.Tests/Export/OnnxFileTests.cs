using Cclm.Export;
using Google.Protobuf;
using NUnit.Framework;

namespace Cclm.Tests.Export;

public class OnnxFileTests
{
    TempFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = new();

    [TearDown]
    public void DeleteFolder() => folder.Dispose();

    [Test]
    public void WhatIsSavedIsLoaded()
    {
        var file = folder[Path.Combine("new", "model.onnx")];
        var model = TinyParts.Embedder();
        OnnxFile.Save(model, file);
        Assert.That(OnnxFile.Load(file), Is.EqualTo(model));
        Assert.That(Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories), Is.EqualTo((string[])[file]));
    }

    static readonly TestCaseData[] Damaged =
    [
        new TestCaseData(Array.Empty<byte>(), "is empty").SetArgDisplayNames("empty"),
        new TestCaseData("<html>not found</html>"u8.ToArray(), "not an ONNX model").SetArgDisplayNames("foreign"),
        new TestCaseData(new byte[1000], "not an ONNX model").SetArgDisplayNames("zeros"),
        new TestCaseData(TinyParts.Embedder().ToByteArray()[..200], "cut short").SetArgDisplayNames("truncated"),
        new TestCaseData("\u0008\u000a"u8.ToArray(), "has no graph").SetArgDisplayNames("without a graph"),
    ];

    [TestCaseSource(nameof(Damaged))]
    public void ADamagedFileIsRefusedByNameAndReason(byte[] content, string reason)
    {
        var file = folder.Write("damaged.onnx", content);
        Assert.That(() => OnnxFile.Load(file), Throws.TypeOf<OnnxModelException>().With.Message.Contains(file).And.Message.Contains(reason));
    }

    [Test]
    public void EveryTruncationIsATypedErrorOrAModel()
    {
        var whole = TinyParts.Embedder().ToByteArray();
        var file = folder["cut.onnx"];
        for (var length = 0; length < whole.Length; length += 3)
        {
            File.WriteAllBytes(file, whole.AsSpan(0, length));
            try
            {
                Assert.That(OnnxFile.Load(file).Graph, Is.Not.Null);        // cut between two fields
            }
            catch (OnnxModelException e)
            {
                Assert.That(e.Message, Does.Contain(file));
            }
        }
    }

    [Test]
    public void AMissingFileIsNamed() =>
        Assert.That(() => OnnxFile.Load(folder["none.onnx"]), Throws.InstanceOf<IOException>().With.Message.Contains("none.onnx"));
}
