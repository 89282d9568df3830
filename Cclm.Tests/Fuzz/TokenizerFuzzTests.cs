using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Fuzz;

[Parallelizable]
public sealed class TokenizerFuzzTests
{
    [Test]
    public void TheReaderTakesOrRefuses()
    {
        using var folder = new TempFolder(Fuzzing.Disk);
        var file = folder["tokenizer.json"];
        List<byte[]> examples = [];
        foreach (var texts in (string[][])[["aa"], ["abab ab é丁 é丁 😀😀 \"\\ \"\\"]])
        {
            SubwordTokenizer.Fit(texts, new() { VocabularySize = 16 }).Save(file);
            examples.Add(File.ReadAllBytes(file));
        }
        string[] words = ["\"vocab\":", "\"merges\":", "\"normalizer\":{", "\"type\":\"Sequence\"", "[\"a\",\"b\"]", "[\"[UNK]\",\"a\"]", "\"[MASK]\":1", "\"a\":3", "\"added_tokens\":[", "null", "\\ud800", ",", "true", "\" \""];
        var frame = examples[0].AsSpan().IndexOf("\"vocab\""u8);
        var (document, model, turn) = (new Mutator(4, examples, words), new Mutator(5, [.. examples.Select(example => example[frame..])], words), 0);
        Fuzzing.Run("tokenizer.json", () => turn++ % 2 == 0 ? document.Next() : [.. examples[0].AsSpan(0, frame), .. model.Next()], bytes =>
        {
            File.WriteAllBytes(file, bytes);
            try
            {
                SubwordTokenizer.Load(file).Encode("abab É丁 x");
                return true;
            }
            catch (InvalidDataException)
            {
                return false;
            }
        }, length => 1_000_000 + 100L * length);
    }
}
