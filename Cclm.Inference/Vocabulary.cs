using System.Collections.ObjectModel;
using System.Security.Cryptography;
using System.Text;

namespace Cclm.Inference;

/// <summary>The characters that a model knows and their ids. Immutable and safe to share.</summary>
/// <remarks>
/// A character is a Unicode scalar value (<see cref="Rune"/>), never a UTF-16 unit, so that ids are the same in every language
/// that runs the model. NUL is a character like any other; a lone surrogate is read as U+FFFD.
/// </remarks>
public sealed class Vocabulary
{
    /// <summary>The id that fills a batch after the end of a shorter text.</summary>
    public const int Padding = ReservedIds.Padding;

    /// <summary>The id that stands for a character hidden from the model in pretraining.</summary>
    public const int Mask = ReservedIds.Mask;

    /// <summary>The id of every character that the vocabulary does not hold.</summary>
    public const int Unknown = ReservedIds.Unknown;

    /// <summary>The id that ends a text and may stand for the whole of it.</summary>
    public const int Cls = ReservedIds.Cls;

    /// <summary>The id of the first character; the ids before it are reserved.</summary>
    public const int FirstCharacter = ReservedIds.FirstCharacter;

    readonly CharacterTable table;

    internal Vocabulary(Rune[] characters)
    {
        Characters = new ReadOnlyCollection<Rune>(characters);
        table = new(characters, FirstCharacter, Unknown);
        Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)));
    }

    /// <summary>The number of ids, the reserved ones among them: the rows that an embedding table needs.</summary>
    public int Count => FirstCharacter + Characters.Count;

    /// <summary>The characters in id order, which is code-point order; the first has id <see cref="FirstCharacter"/>.</summary>
    public IReadOnlyList<Rune> Characters { get; }

    /// <summary>SHA-256, in lower-case hexadecimal, of the characters' UTF-8 in id order: equal for equal vocabularies.</summary>
    public string Hash { get; }

    /// <summary>The characters in id order as one string.</summary>
    internal string Text => string.Concat(Characters);

    /// <summary>The character's id, or <see cref="Unknown"/>.</summary>
    public int this[Rune character] => table[character.Value];

    internal int this[int codePoint] => table[codePoint];

    /// <summary>The character with this id; null for the reserved ids.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is negative, or not below <see cref="Count"/>.</exception>
    public Rune? CharacterOf(int id) => id < 0 || id >= Count
        ? throw new ArgumentOutOfRangeException(nameof(id), id, $"The id is {id}; this vocabulary has the ids 0 to {Count - 1}. " +
            "Was it written with another vocabulary?")
        : id < FirstCharacter ? null : Characters[id - FirstCharacter];

    /// <summary>The vocabulary of a corpus.</summary>
    /// <param name="texts">The corpus, read once.</param>
    /// <param name="options">Which characters to keep; all by default.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static Vocabulary Fit(IEnumerable<string> texts, VocabularyOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return Fit(counts =>
        {
            foreach (var text in texts)
            {
                counts.Add(text);
            }
        }, options);
    }

    /// <summary>The vocabulary of a stream of text, read to its end in blocks; line breaks are characters too.</summary>
    /// <inheritdoc cref="Fit(IEnumerable{string}, VocabularyOptions?)"/>
    public static Vocabulary Fit(TextReader text, VocabularyOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Fit(counts => counts.Add(text), options);
    }

    static Vocabulary Fit(Action<CharacterCounts> count, VocabularyOptions? options)
    {
        options ??= new();
        options.Validate();
        var counts = new CharacterCounts();
        count(counts);
        return new(counts.Select(options));
    }
}
