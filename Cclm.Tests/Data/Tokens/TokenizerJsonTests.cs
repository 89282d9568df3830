using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cclm.Training.Data;
using Microsoft.ML.Tokenizers;
using NUnit.Framework;

namespace Cclm.Tests.Data;

public sealed class TokenizerJsonTests
{
    static readonly SubwordTokenizer Tokenizer = SubwordTokenizer.Fit(["ababab abab é丁 ab é丁 \"\\ 😀 😀😀 \"\\", "#version #versions #versions"], new() { VocabularySize = 60 });

    TempFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = new();

    [TearDown]
    public void DeleteFolder() => folder.Dispose();

    [Test]
    public void WhatIsSavedIsRead()
    {
        Tokenizer.Save(folder["tokenizer.json"]);
        var read = SubwordTokenizer.Load(folder["tokenizer.json"]);

        Assert.That(read.Vocabulary, Is.EqualTo(Tokenizer.Vocabulary));
        Assert.That(read.Encode("abab x😀 É丁 #VERSIONS"), Is.EqualTo(Tokenizer.Encode("abab x😀 É丁 #VERSIONS")));
        Assert.That(read.ToJson(), Is.EqualTo(Tokenizer.ToJson()));
    }

    /// <summary>The library has no reader of the whole file; its own files are the vocabulary and the merges.</summary>
    [Test]
    public void MicrosoftMLTokenizersReadsVocabularyAndMerges()
    {
        var texts = ApiDocumentation.Read().Take(3000).Select(member => member.Summary).ToList();
        var tokenizer = SubwordTokenizer.Fit(texts, new() { VocabularySize = 2000 });
        var model = JsonNode.Parse(tokenizer.ToJson())!["model"]!;
        var vocabulary = folder.Write("vocab.json", model["vocab"]!.ToJsonString());
        var merges = folder.Write("merges.txt", string.Join('\n', model["merges"]!.AsArray().Select(pair => $"{pair![0]} {pair[1]}")));
        var theirs = BpeTokenizer.Create(vocabulary, merges, PreTokenizer.CreateWhiteSpace(), new LowerCaseNormalizer(), unknownToken: "[UNK]");

        foreach (var text in texts.Where(text => Ascii.IsValid(text)))
        {
            Assert.That(tokenizer.Encode(text).Select(token => (token.Id, token.Utf16)), Is.EqualTo(theirs.EncodeToTokens(text, out _).Select(token => (token.Id, token.Offset))), text);
        }
        Assert.That(tokenizer.Vocabulary, Has.Count.EqualTo(2000));
    }

    [Test]
    public void TheDocumentIsThatOfHuggingFace()
    {
        using var json = JsonDocument.Parse(SubwordTokenizer.Fit(["ab ab"], new() { VocabularySize = 6, MaxCharacters = 2 }).ToJson());

        Assert.That(JsonSerializer.Serialize(json), Is.EqualTo("""
            {"version":"1.0","truncation":null,"padding":null,"added_tokens":[
            {"id":0,"content":"[UNK]","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true},
            {"id":1,"content":"[MASK]","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true},
            {"id":2,"content":"[CLS]","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}],
            "normalizer":{"type":"Sequence","normalizers":[{"type":"NFD"},{"type":"Lowercase"},{"type":"StripAccents"}]},
            "pre_tokenizer":{"type":"WhitespaceSplit"},"post_processor":null,"decoder":null,
            "model":{"type":"BPE","dropout":null,"unk_token":"[UNK]","continuing_subword_prefix":null,"end_of_word_suffix":null,"fuse_unk":false,"byte_fallback":false,
            "ignore_merges":false,"vocab":{"[UNK]":0,"[MASK]":1,"[CLS]":2,"a":3,"b":4,"ab":5},"merges":[["a","b"]]}}
            """.ReplaceLineEndings("")));
    }

    [TestCase("version", "\"2.0\"", "its version is 2.0; expected 1.0")]
    [TestCase("truncation", "{\"max_length\":9}", "its truncation is {\"max_length\":9}; expected null")]
    [TestCase("padding", "[]", "its padding is []; expected null")]
    [TestCase("normalizer", "{\"type\":\"NFC\"}", "its normalizer is NFC; expected Sequence of NFD, Lowercase, StripAccents")]
    [TestCase("normalizer", "{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"NFD\"}]}", "its normalizer is Sequence of NFD; expected")]
    [TestCase("normalizer", "{\"type\":\"Sequence\",\"normalizers\":[null]}", "its normalizer is Sequence of ; expected")]
    [TestCase("normalizer", "null", "normalizer")]
    [TestCase("pre_tokenizer", "{\"type\":\"Whitespace\"}", "its pre_tokenizer is Whitespace; expected WhitespaceSplit")]
    [TestCase("post_processor", "1", "its post_processor is 1; expected null")]
    [TestCase("decoder", "\"x\"", "its decoder is x; expected null")]
    [TestCase("added_tokens", "[]", "its number of added_tokens is 0; expected 3")]
    [TestCase("added_tokens.0", "null", "its added_tokens[0] is null; expected AddedToken")]
    [TestCase("added_tokens.1.content", "\"<mask>\"", "its added_tokens[1] is AddedToken { Id = 1, Content = <mask>")]
    [TestCase("added_tokens.1.id", "99999999999999999999", "$.added_tokens[1].id")]
    [TestCase("added_tokens.2.special", "false", "its added_tokens[2] is AddedToken { Id = 2")]
    [TestCase("more", "1", "'more'")]
    [TestCase("model", "null", "model")]
    [TestCase("model.type", "\"WordPiece\"", "its model.type is WordPiece; expected BPE")]
    [TestCase("model.dropout", "0.1", "its model.dropout is 0.1; expected null")]
    [TestCase("model.unk_token", "null", "its model.unk_token is null; expected [UNK]")]
    [TestCase("model.continuing_subword_prefix", "\"##\"", "its model.continuing_subword_prefix is ##; expected null")]
    [TestCase("model.end_of_word_suffix", "\"</w>\"", "its model.end_of_word_suffix is </w>; expected null")]
    [TestCase("model.fuse_unk", "true", "its model.fuse_unk is True; expected False")]
    [TestCase("model.byte_fallback", "true", "its model.byte_fallback is True; expected False")]
    [TestCase("model.ignore_merges", "1", "$.model.ignore_merges")]
    [TestCase("model.vocab", "{}", "model.vocab gives the id 0 to ''; expected '[UNK]'")]
    [TestCase("model.vocab", "[]", "$.model.vocab")]
    [TestCase("model.vocab.a", "4", "expected each of 0 to 8 once")]
    [TestCase("model.vocab.a", "-1", "model.vocab gives 'a' the id -1")]
    [TestCase("model.vocab.a", "9", "model.vocab gives 'a' the id 9")]
    [TestCase("model.vocab.a", "2147483648", "$.model.vocab.a")]
    [TestCase("model.vocab.a", "1e3", "$.model.vocab.a")]
    [TestCase("model.vocab.[MASK]", "3", "model.vocab gives")]
    [TestCase("model.merges", "[]", "model.vocab has 'ab', which no merge makes")]
    [TestCase("model.merges", "null", "merges")]
    [TestCase("model.merges.0", "\"a b\"", "$.model.merges[0]")]
    [TestCase("model.merges.0", "null", "model.merges[0] has 0 items or a null among them; expected two tokens")]
    [TestCase("model.merges.0", "[\"a\"]", "model.merges[0] has 1 items")]
    [TestCase("model.merges.0", "[\"a\",null]", "model.merges[0] has 2 items or a null among them")]
    [TestCase("model.merges.0", "[\"a\",\"x\"]", "model.merges[0] has or makes 'x', which is not in model.vocab or is reserved")]
    [TestCase("model.merges.0", "[\"b\",\"c\"]", "model.merges[0] has or makes 'bc'")]
    [TestCase("model.merges.0", "[\"[UNK]\",\"a\"]", "model.merges[0] has or makes '[UNK]'")]
    [TestCase("model.merges.1", "[\"a\",\"b\"]", "model.merges[1] is 'a' and 'b' a second time")]
    public void WhatIsNotAsItHasToBeIsNamed(string place, string value, string message)
    {
        JsonNode document = JsonNode.Parse(SubwordTokenizer.Fit(["abc abc ab ab c"], new() { VocabularySize = 9, MaxCharacters = 3 }).ToJson())!, parent = document;
        Assert.That(document["model"]!["vocab"]!.AsObject(), Has.Count.EqualTo(8));
        document["model"]!["vocab"]!["d"] = 8;
        var steps = place.Split('.');
        foreach (var step in steps[..^1])
        {
            parent = (int.TryParse(step, out var number) ? parent[number] : parent[step])!;
        }
        if (int.TryParse(steps[^1], out var item))
        {
            parent[item] = JsonNode.Parse(value);
        }
        else
        {
            parent[steps[^1]] = JsonNode.Parse(value);
        }
        AssertRefused(document.ToJsonString(), message);
    }

    [TestCase("", "contain any JSON tokens")]
    [TestCase("null", "null")]
    [TestCase("[]", "JSON")]
    [TestCase("{}", "missing")]
    [TestCase("{\"version\":\"1.0\",\"version\":\"1.0\"}", "version")]
    public void WhatIsNoDocumentIsNamed(string json, string message) => AssertRefused(json, message);

    [Test]
    public void ADocumentThatBreaksOffIsRefused()
    {
        var json = Tokenizer.ToJson().TrimEnd();
        for (var length = 0; length < json.Length; length += 7)
        {
            Assert.That(() => SubwordTokenizer.FromJson(json[..length]), Throws.TypeOf<InvalidDataException>().With.Message.StartsWith("it is damaged, or has what this library does not know: "));
        }
    }

    [TestCase("\"a\":3", "\"a\":3,\"a\":8", "a")]
    [TestCase("\"a\":3", "\"a b\":3", "model.merges[0] has or makes 'a'")]
    [TestCase("\"a\":3", "\"\\ud800\":3", "it is damaged")]
    [TestCase("\"a\":3", "\"\":8,\"a\":3", "model.vocab has ''")]
    [TestCase("\"a\":3", "\" \":8,\"a\":3", "model.vocab has ' '")]
    [TestCase("\"a\":3", "\"xy\":8,\"a\":3", "model.vocab has 'xy', which no merge makes")]
    public void ATokenThatCanNotBeIsNamed(string from, string to, string message)
    {
        var json = SubwordTokenizer.Fit(["abc abc ab ab c"], new() { VocabularySize = 9, MaxCharacters = 3 }).ToJson().Replace(": ", ":", StringComparison.Ordinal);
        Assert.That(json, Does.Contain(from));
        AssertRefused(json.Replace(from, to, StringComparison.Ordinal), message);
    }

    [Test]
    public void BytesThatAreNotUtf8AreRefused()
    {
        var json = Encoding.UTF8.GetBytes(Tokenizer.ToJson());
        json[json.AsSpan().IndexOf("ab"u8)] = 0xE9;

        AssertFileRefused(folder.Write("tokenizer.json", json), "it is damaged");
    }

    [Test]
    public void AFileLargerThanAnyTokenizerIsNotRead()
    {
        using (var file = File.Create(folder["tokenizer.json"]))
        {
            file.SetLength((64 << 20) + 1);         // sparse
        }
        AssertFileRefused(folder["tokenizer.json"], "it has 67,108,865 bytes; expected at most 67,108,864");
    }

    void AssertRefused(string json, string message) => AssertFileRefused(folder.Write("tokenizer.json", json), message);

    static void AssertFileRefused(string path, string message) => Assert.That(() => SubwordTokenizer.Load(path),
        Throws.TypeOf<InvalidDataException>().With.Message.StartsWith($"'{path}' is not a tokenizer that can be used here: ").And.Message.Contains(message));
}
