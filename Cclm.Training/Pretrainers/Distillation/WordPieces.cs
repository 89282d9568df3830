using System.Globalization;
using System.Text;
using System.Text.Json;
using Cclm.Training.Data;
using Microsoft.ML.Tokenizers;

namespace Cclm.Training;

/// <summary>BERT's tokenizer (Devlin et al. 2019): words and punctuation, divided into the longest pieces of a vocabulary, between [CLS] and [SEP].</summary>
/// <param name="bert">Divides the text.</param>
/// <param name="stripAccents">Whether letters lose their accents. It is done here, because <see cref="string.Normalize(NormalizationForm)"/> changes nothing in an application of invariant globalization.</param>
sealed class WordPieces(BertTokenizer bert, bool stripAccents)
{
    const string Cls = "[CLS]", Sep = "[SEP]", Unknown = "[UNK]";

    /// <summary>A text's ids, [CLS] and [SEP] among them; what is too long is cut before [SEP].</summary>
    public IEnumerable<int> Encode(string text, int most) =>
    [
        bert.ClassificationTokenId,
        .. bert.EncodeToIds(stripAccents ? WithoutAccents(text) : text, addSpecialTokens: false).Take(most - 2),
        bert.SeparatorTokenId,
    ];

    /// <exception cref="InvalidDataException">The document is of a tokenizer that BERT does not have.</exception>
    public static WordPieces Of(JsonElement json, string path)
    {
        Expect("normalizer.type", "BertNormalizer", "normalizer", "type");
        Expect("pre_tokenizer.type", "BertPreTokenizer", "pre_tokenizer", "type");
        Expect("model.unk_token", Unknown, "model", "unk_token");
        Expect("model.continuing_subword_prefix", "##", "model", "continuing_subword_prefix");
        if (Template(json) is var template && template is not (null or $"{Cls} A {Sep}"))
        {
            throw Other(path, "post_processor", template, $"{Cls} A {Sep}");
        }
        var lower = Flag("lowercase") ?? true;
        var strip = Flag("strip_accents") ?? lower;
        if (strip && !lower)
        {
            throw Other(path, "normalizer", "strip_accents without lowercase", "both or neither");
        }
        using var vocabulary = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', Pieces(json, path))));
        return new(BertTokenizer.Create(vocabulary, new()
        {
            LowerCaseBeforeTokenization = lower,
            RemoveNonSpacingMarks = strip,
            IndividuallyTokenizeCjk = Flag("handle_chinese_chars") ?? true,
        }), strip);

        bool? Flag(string name) => TokenizerFile.Property(json, "normalizer", name) is { ValueKind: JsonValueKind.True or JsonValueKind.False } flag ? flag.GetBoolean() : null;

        void Expect(string what, string expected, params ReadOnlySpan<string> place)
        {
            if (TokenizerFile.Text(json, place) is var found && found != expected)
            {
                throw Other(path, what, found ?? "missing", expected);
            }
        }
    }

    /// <summary>What is put around a single text, in words; null for BERT's own post-processor.</summary>
    static string? Template(JsonElement json) => TokenizerFile.Text(json, "post_processor", "type") switch
    {
        "BertProcessing" => null,
        "TemplateProcessing" when TokenizerFile.Property(json, "post_processor", "single") is { ValueKind: JsonValueKind.Array } parts =>
            string.Join(' ', parts.EnumerateArray().Select(part => TokenizerFile.Text(part, "SpecialToken", "id") ?? TokenizerFile.Text(part, "Sequence", "id"))),
        var type => type ?? "none",
    };

    /// <summary>The pieces by id.</summary>
    static string[] Pieces(JsonElement json, string path)
    {
        var entries = TokenizerFile.Property(json, "model", "vocab") is { ValueKind: JsonValueKind.Object } vocabulary ? vocabulary.EnumerateObject().ToList() : [];
        var pieces = new string?[entries.Count];
        foreach (var piece in entries)
        {
            if (piece.Value.ValueKind != JsonValueKind.Number || !piece.Value.TryGetInt32(out var id) || id < 0 || id >= pieces.Length || pieces[id] is not null || piece.Name.Length == 0 || piece.Name.Any(char.IsWhiteSpace))
            {
                throw Other(path, $"id of '{piece.Name}'", piece.Value.GetRawText(), $"each of 0 to {pieces.Length - 1} once, of pieces without white space");
            }
            pieces[id] = piece.Name;
        }
        foreach (var reserved in (string[])[Cls, Sep, Unknown, "[PAD]", "[MASK]"])
        {
            if (!pieces.Contains(reserved))
            {
                throw Other(path, "vocabulary", $"without '{reserved}'", "BERT's reserved tokens");
            }
        }
        return pieces!;
    }

    /// <summary>Letters without their accents, in lower case. Spacing and enclosing marks stay, as they do in BERT.</summary>
    static string WithoutAccents(string text)
    {
        var output = new List<char>(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var stays = CharUnicodeInfo.GetUnicodeCategory(text, i) is UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
            if (stays)
            {
                output.Add(text[i++]);
                continue;
            }
            i += CharacterNormalizer.Append(text.AsSpan(i), output);
        }
        return new([.. output]);
    }

    static InvalidDataException Other(string path, string what, string found, string expected) =>
        new($"'{path}' is no tokenizer as BERT has it: {what} is {found}; expected {expected}. Make the vectors with the model's own program, and give them as a file.");
}
