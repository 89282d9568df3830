using System.Collections.ObjectModel;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace Cclm.Training.Data;

/// <summary>Divides texts into tokens by byte pair encoding, as Hugging Face's tokenizers do with the same <c>tokenizer.json</c>. Immutable and safe to share.</summary>
/// <remarks>
/// A text is normalised (NFD, lower case, without marks) and divided at white space; each word's characters are merged as
/// Microsoft.ML.Tokenizers does it. White space alone divides, not punctuation, because .NET and Hugging Face agree on what white space is,
/// but not on what a word character is (<c>\w</c>: letter numbers, circled letters, everything beyond U+FFFF).
/// A text has no reserved tokens: "[MASK]" in one is read as characters, where Hugging Face's library finds the token.
/// </remarks>
public sealed class SubwordTokenizer
{
    /// <summary>The id of a character that is not in the vocabulary.</summary>
    public const int Unknown = 0;

    /// <summary>The id that stands for a token hidden from a model.</summary>
    public const int Mask = 1;

    /// <summary>The id that stands for a whole text.</summary>
    public const int Cls = 2;

    /// <summary>The tokens that no text has, by id. They are in capitals and normalised text is not, so that no merge makes one.</summary>
    internal static readonly IReadOnlyList<string> Reserved = ["[UNK]", "[MASK]", "[CLS]"];

    readonly BpeTokenizer bpe;

    /// <param name="vocabulary">The tokens by id, the reserved ones first.</param>
    /// <param name="merges">Pairs of ids, in the order in which they are merged.</param>
    internal SubwordTokenizer(IReadOnlyList<string> vocabulary, IReadOnlyList<TokenPair> merges)
    {
        (Vocabulary, Merges) = (new ReadOnlyCollection<string>([.. vocabulary]), merges);
        bpe = BpeTokenizer.Create(new BpeOptions(Vocabulary.Select((token, id) => KeyValuePair.Create(token, id)))
        {
            Merges = merges.Select(pair => $"{vocabulary[pair.Left]} {vocabulary[pair.Right]}"),
            UnknownToken = Reserved[Unknown],
            PreTokenizer = PreTokenizer.CreateWhiteSpace(),
        });
    }

    /// <summary>The tokens by id: the reserved ones, single characters in code-point order, then what the merges make.</summary>
    public IReadOnlyList<string> Vocabulary { get; }

    /// <summary>The SHA-256 of <see cref="ToJson"/>, in hexadecimal.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ToJson())));

    /// <summary>The merges in order.</summary>
    internal IReadOnlyList<TokenPair> Merges { get; }

    /// <summary>The tokenizer of a corpus. The order of the texts does not matter.</summary>
    /// <remarks>
    /// Texts are read once, in constant memory: all words are counted while the different ones have 16 million characters or fewer, and
    /// beyond that those of a sample of the texts (by the texts' hashes). Equally frequent pairs are merged in the order of their ids.
    /// Characters that are too rare divide the words they are in.
    /// </remarks>
    /// <param name="texts">The corpus. It is read on several threads, by one at a time.</param>
    /// <param name="options">How large the vocabulary becomes; 10,000 tokens by default.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="InvalidDataException">The texts have no word.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static SubwordTokenizer Fit(IEnumerable<string> texts, SubwordTokenizerOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        options ??= new();
        options.Check();
        return Fit(WordCounts.Of(texts, cancellation).Total(), options, cancellation);
    }

    internal static SubwordTokenizer Fit(IReadOnlyDictionary<string, long> words, SubwordTokenizerOptions options, CancellationToken cancellation = default)
    {
        List<string> vocabulary = [.. Reserved, .. Alphabet.Of(words, options).Select(character => character.ToString())];
        if (vocabulary.Count == Reserved.Count)
        {
            throw new InvalidDataException($"The texts have no character that occurs {options.MinCount} times or more, so there is nothing to make tokens of. " +
                "Give more text, or a lower MinCount.");
        }
        var merges = PairMerging.Learn(vocabulary, words, options.VocabularySize, options.MinCount, cancellation);
        return new(vocabulary, merges);
    }

    /// <summary>The tokens of a text, in order.</summary>
    /// <remarks>They have the ids that Hugging Face's library gives. A word of more than 1,000 UTF-16 units is encoded in parts of so many, there it may differ.</remarks>
    public IReadOnlyList<Subword> Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var normalized = new NormalizedText(text);
        List<Subword> subwords = [];
        var (unit, character) = (0, 0);
        foreach (var word in normalized.Words())
        {
            MoveTo(normalized.Original(word.Start.Value));
            foreach (var token in bpe.EncodeToTokens(normalized[word], out _, considerPreTokenization: false, considerNormalization: false))
            {
                var (firstUnit, firstCharacter) = (unit, character);
                MoveTo(normalized.Original(word.Start.Value + token.Offset.End.Value));
                subwords.Add(new(token.Id, firstUnit..unit, firstCharacter..character));
            }
        }
        return subwords;

        void MoveTo(int place)
        {
            foreach (var _ in text.AsSpan(unit..place).EnumerateRunes())
            {
                character++;
            }
            unit = place;
        }
    }

    /// <summary>The tokenizer as the JSON document that Hugging Face's libraries read.</summary>
    public string ToJson() => TokenizerDocument.Of(this).ToJson();

    /// <summary>Reads what <see cref="ToJson"/> wrote, or Hugging Face's library for a tokenizer of the same kind.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or a tokenizer of another kind.</exception>
    public static SubwordTokenizer FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return TokenizerDocument.Parse(Encoding.UTF8.GetBytes(json)).ToTokenizer();
    }

    /// <summary>Writes <see cref="ToJson"/> to a file, usually <c>tokenizer.json</c>, whole or not at all.</summary>
    public void Save(string path) => AtomicFile.Write(path, ToJson());

    /// <summary>Reads a file that <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">As for <see cref="FromJson"/>; the message names the file.</exception>
    public static SubwordTokenizer Load(string path)
    {
        try
        {
            return TokenizerDocument.Parse(TokenizerDocument.ReadFile(path)).ToTokenizer();
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"'{path}' is not a tokenizer that can be used here: {e.Message}", e);
        }
    }
}
