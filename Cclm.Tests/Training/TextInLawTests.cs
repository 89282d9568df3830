using System.Text;
using Cclm.Export;
using Cclm.Inference;
using Cclm.Training;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using NUnit.Framework;

namespace Cclm.Tests.Training;

/// <summary>The text-in graph says what preprocessor and ids-in graph say, whatever the text.</summary>
[Parallelizable]
public sealed class TextInLawTests : TorchFixture
{
    /// <summary>First and last code point of blocks of many scripts, and of what is no script.</summary>
    static readonly (int First, int Last)[] Blocks =
    [
        (0x20, 0x7e), (0xa0, 0x17f), (0x300, 0x36f), (0x370, 0x3ff), (0x400, 0x4ff), (0x530, 0x58f), (0x590, 0x5ff), (0x600, 0x6ff), (0x700, 0x74f),
        (0x780, 0x7bf), (0x900, 0x97f), (0x980, 0x9ff), (0xa00, 0xa7f), (0xb80, 0xbff), (0xc00, 0xc7f), (0xd00, 0xd7f), (0xd80, 0xdff), (0xe00, 0xe7f),
        (0xe80, 0xeff), (0xf00, 0xfff), (0x1000, 0x109f), (0x10a0, 0x10ff), (0x1100, 0x11ff), (0x1200, 0x137f), (0x13a0, 0x13ff), (0x1400, 0x167f),
        (0x1680, 0x169f), (0x16a0, 0x16ff), (0x1780, 0x17ff), (0x1800, 0x18af), (0x2000, 0x206f), (0x20a0, 0x20cf), (0x2190, 0x22ff), (0x2800, 0x28ff),
        (0x3040, 0x30ff), (0x3100, 0x312f), (0x4e00, 0x9fff), (0xa000, 0xa48c), (0xac00, 0xd7a3), (0xe000, 0xf8ff), (0xfe00, 0xfe0f), (0xfff0, 0xffff),
        (0x10330, 0x1034f), (0x12000, 0x123ff), (0x13000, 0x1342f), (0x1d400, 0x1d7ff), (0x1f300, 0x1f64f), (0x1f900, 0x1f9ff), (0x20000, 0x2a6df), (0xe0100, 0xe01ef), (0, 0x1f),
    ];

    static readonly string[] Special =
    [
        "", " ", "\0", "a\0b", "\t\r\n", "\ud83d", "\udc00x", "x\ud83d\ud83d\ude00", "\ufeffbom", "e\u0301e\u0301", "\u0627\u0644\u0639\u0631\u0628\u064a\u0629 \u05e2\u05d1\u05e8\u05d9\u05ea",
        "\U0001F468\u200D\U0001F469\u200D\U0001F467", "\U0001F1EF\U0001F1F5", new string('a', 39), new string('a', 40), new string('a', 41), new string('\u00e9', 5000), "<pad>", "\uffff\ufffe\ufffd",
    ];

    [TestCase(1, true)]
    [TestCase(4, true)]
    [TestCase(1, false)]
    [TestCase(3, false)]
    public void TwoThousandStringsGiveTheSameVectors(int factor, bool addCls)
    {
        string[] texts = [.. Special, .. Random(2000 - Special.Length)];
        var preprocessor = new Preprocessor(Vocabulary.Fit(texts.Where((_, i) => i % 3 > 0)), new() { MaxLength = 40, DownsampleFactor = factor, AddCls = addCls });
        TorchSharp.torch.random.manual_seed(1);
        var embedder = new ConvEmbedder(SmallParts.EmbedderOptions with { Vocabulary = preprocessor.Vocabulary.Count });
        var tower = SmallParts.Tower(embedder);
        var model = Composer.Compose(ModelExporter.Export(embedder, preprocessor), [("t", ModelExporter.Export(tower, embedder, preprocessor))], new() { Pooling = new(Pooling.MeanMax) });
        using var ids = new InferenceSession(model.ToByteArray());
        using var text = CclmModel.Load(TextInput.Prepend(model).ToByteArray());
        var expected = texts.Select(one => Embed(ids, preprocessor.Encode([one]))).ToArray();
        Assert.That(texts, Has.Length.EqualTo(2000));
        for (var i = 0; i < texts.Length; i++)
        {
            Assert.That(text.Embed(texts[i]), Is.EqualTo(expected[i]), $"Text {i}: {string.Join(' ', texts[i].Take(60).Select(unit => $"{(int)unit:X4}"))}");
        }
        Assert.That(text.Embed(texts), Is.EqualTo(expected).Within(1e-5f), "In batches, whose sums may be rounded otherwise.");
        Assert.That(expected.Select(vector => string.Join(' ', vector)).Distinct().Count(), Is.GreaterThan(1500), "Different texts have different vectors.");
    }

    static float[] Embed(InferenceSession session, EncodedBatch batch)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(batch.Ids, [batch.Rows, batch.Length]);
        using var run = new RunOptions();
        using var outputs = session.Run(run, ["ids"], [input], ["embedding"]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    static IEnumerable<string> Random(int count)
    {
        var random = new Random(11);
        for (var i = 0; i < count; i++)
        {
            var builder = new StringBuilder();
            for (var length = random.Next(60); length > 0; length--)
            {
                var (first, last) = Blocks[random.Next(10) > 0 ? i % Blocks.Length : random.Next(Blocks.Length)];
                builder.Append(char.ConvertFromUtf32(random.Next(first, last + 1)));
            }
            yield return builder.ToString();
        }
    }
}
