using System.Text.Json.Nodes;
using Cclm.Training;
using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Training.Distillation;

/// <summary>Tokenizers of token models: the two kinds that are read, and what is said of others.</summary>
public sealed class TokenizerFileTests
{
    static readonly string[] Pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "un", "##aff", "##able", "resume", "!", "'", "s", "中", "ß", "2", "##0"];

    // The document of a BERT model as Hugging Face's library writes it, without what does not matter here.
    static JsonObject Bert() => JsonNode.Parse($$$"""
        {
          "version": "1.0",
          "truncation": null,
          "padding": {"strategy": "BatchLongest", "pad_id": 0, "pad_token": "[PAD]"},
          "added_tokens": [{"id": 0, "content": "[PAD]", "special": true}],
          "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
          "pre_tokenizer": {"type": "BertPreTokenizer"},
          "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}]},
          "decoder": {"type": "WordPiece", "prefix": "##"},
          "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
            "vocab": { {{{string.Join(",", Pieces.Select((piece, id) => $"\"{piece}\":{id}"))}}}} }
        }
        """)!.AsObject();

    // What the algorithm of Devlin et al. (2019) makes of them: basic tokens, then the longest pieces from the left.
    [TestCase("the", "the")]
    [TestCase("The UNAFFABLE", "the un ##aff ##able")]
    [TestCase("Résumé!", "resume !")]
    [TestCase("résumé", "resume", Description = "the accents as marks of their own")]
    [TestCase("the's", "the ' s")]
    [TestCase("中中 the", "中 中 the")]
    [TestCase("unaffably", "[UNK]")]
    [TestCase("the \t\u0000 200", "the 2 ##0 ##0")]
    [TestCase("ß", "ß")]
    [TestCase("\u0300", "")]
    public void WordPiecesAreThoseOfBert(string text, string pieces)
    {
        using var folder = new TempFolder();
        var ids = TokenizerFile.Load(folder.Write("tokenizer.json", Bert().ToJsonString()), 512).Encode(text);
        Assert.That(ids.Select(id => Pieces[id]), Is.EqualTo((string[])["[CLS]", .. pieces.Split(' ', StringSplitOptions.RemoveEmptyEntries), "[SEP]"]));
    }

    [TestCase(4, null, 4)]
    [TestCase(512, 5, 5)]
    [TestCase(4, 128, 4)]
    public void ALongTextIsCutBeforeItsEnd(int most, int? stated, int length)
    {
        using var folder = new TempFolder();
        var json = Bert();
        json["truncation"] = stated is null ? null : new JsonObject { ["max_length"] = stated };
        var ids = TokenizerFile.Load(folder.Write("tokenizer.json", json.ToJsonString()), most).Encode("the the the the the the");
        Assert.That(ids.Select(id => Pieces[id]), Is.EqualTo((string[])["[CLS]", .. Enumerable.Repeat("the", length - 2), "[SEP]"]));
    }

    [Test]
    public void BytePairsAreThoseOfTheTokenizer()
    {
        using var folder = new TempFolder();
        var tokenizer = SubwordTokenizer.Fit(["the head was bad", "a bad head"], new() { VocabularySize = 30, MinCount = 1 });
        tokenizer.Save(folder["tokenizer.json"]);
        var file = TokenizerFile.Load(folder["tokenizer.json"], 512);
        foreach (var text in (string[])["the bad head", "The HÉAD xyz", "a"])
        {
            Assert.That(file.Encode(text), Is.EqualTo(tokenizer.Encode(text).Select(token => (long)token.Id)));
        }
    }

    [TestCase("""{"type":"Sequence","normalizers":[]}""", "normalizer", "normalizer.type is Sequence; expected BertNormalizer")]
    [TestCase("""{"type":"BertNormalizer","strip_accents":true,"lowercase":false}""", "normalizer", "strip_accents without lowercase")]
    [TestCase("""{"type":"ByteLevel"}""", "pre_tokenizer", "pre_tokenizer.type is ByteLevel")]
    [TestCase("""{"type":"RobertaProcessing"}""", "post_processor", "post_processor is RobertaProcessing; expected [CLS] A [SEP]")]
    [TestCase("""{"type":"TemplateProcessing","single":[{"Sequence":{"id":"A"}}]}""", "post_processor", "post_processor is A")]
    [TestCase("""{"type":"Unigram","vocab":[]}""", "model", "a tokenizer of type 'Unigram'; expected 'WordPiece' as BERT has it")]
    [TestCase("""{"type":"BPE","vocab":{},"merges":[]}""", "model", "is not a tokenizer that can be used here")]
    [TestCase("""{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","vocab":{"[CLS]":7}}""", "model", "id of '[CLS]' is 7")]
    [TestCase("""{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","vocab":{"[CLS]":0}}""", "model", "without '[SEP]'")]
    [TestCase("""{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##"}""", "model", "without '[CLS]'")]
    [TestCase("null", "model", "a tokenizer of type '(none)'")]
    public void AnotherTokenizerIsRefused(string value, string property, string message)
    {
        using var folder = new TempFolder();
        var json = Bert();
        json[property] = JsonNode.Parse(value);
        Assert.That(() => TokenizerFile.Load(folder.Write("tokenizer.json", json.ToJsonString()), 512), Throws.TypeOf<InvalidDataException>().With.Message.Contains(message));
    }

    [TestCase("")]
    [TestCase("[]")]
    [TestCase("{")]
    [TestCase("""{"truncation":{"max_length":1.5},"model":{"type":"WordPiece"}}""")]
    public void ADamagedTokenizerIsRefused(string json)
    {
        using var folder = new TempFolder();
        Assert.That(() => TokenizerFile.Load(folder.Write("tokenizer.json", json), 512), Throws.TypeOf<InvalidDataException>().With.Message.Contains("tokenizer.json"));
    }
}
