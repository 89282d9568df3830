using System.Text;

namespace Cclm.Inference;

/// <summary>Turns text to a model's ids and back. Immutable and safe to share.</summary>
/// <remarks>
/// A text's own length is its characters, plus one where CLS is added, rounded up to the downsample factor and cut to the maximum
/// length. CLS is the last id of that length: where rounding leaves a gap, padding stands before it, and where the text is too long,
/// characters are cut. Nothing depends on the other texts of a batch. Text is read no further than the maximum length needs.
/// </remarks>
public sealed class Preprocessor
{
    readonly int limit, cls;

    /// <param name="vocabulary">The characters and their ids.</param>
    /// <param name="options">Lengths and CLS; by default at most 512 ids, no rounding, CLS added.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public Preprocessor(Vocabulary vocabulary, PreprocessorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        (Vocabulary, Options) = (vocabulary, options ?? new());
        Options.Validate();
        (limit, cls) = (Options.Limit, Options.AddCls ? 1 : 0);
    }

    /// <summary>The characters and their ids.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>Lengths and CLS.</summary>
    public PreprocessorOptions Options { get; }

    /// <summary>The most characters of a text that are read.</summary>
    public int MostCharacters => Options.MostCharacters;

    /// <summary>Whether a text is read to its end.</summary>
    public bool Fits(ReadOnlySpan<char> text)
    {
        var characters = 0;
        foreach (var _ in text.EnumerateRunes())
        {
            if (++characters > MostCharacters)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>The text's own length in ids: 0 only for an empty text without CLS.</summary>
    public int Length(ReadOnlySpan<char> text)
    {
        var characters = 0;
        for (var i = 0; i < text.Length && characters < limit; i++)
        {
            i += char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]) ? 1 : 0;
            characters++;
        }
        return OwnLength(characters);
    }

    /// <summary>Writes the text's ids. Allocates nothing.</summary>
    /// <param name="text">The text; a lone surrogate is read as U+FFFD.</param>
    /// <param name="ids">Receives the ids; what lies after the own length is left as it is.</param>
    /// <returns>The text's own length.</returns>
    /// <exception cref="ArgumentException"><paramref name="ids"/> is shorter than the text's own length; its content is then undefined.</exception>
    public int Encode(ReadOnlySpan<char> text, Span<long> ids)
    {
        var vocabulary = Vocabulary;
        var room = ids[..Math.Min(ids.Length, limit - cls)];
        int characters = 0, i = 0;
        for (; i < text.Length && characters < room.Length; i++)
        {
            int character = text[i];
            if (char.IsSurrogate((char)character))
            {
                Rune.DecodeFromUtf16(text[i..], out var rune, out var units);       // U+FFFD, one unit, where it is alone
                (character, i) = (rune.Value, i + units - 1);
            }
            room[characters++] = vocabulary[character];
        }
        var length = OwnLength(characters);
        if (length > ids.Length || (i < text.Length && characters + cls < limit))
        {
            throw new ArgumentException($"The text needs {Length(text)} ids but the span has room for {ids.Length}. " +
                $"Ask Length(text), or give room for MaxLength ({Options.MaxLength}).", nameof(ids));
        }
        ids[characters..length].Clear();
        if (cls == 1)
        {
            ids[length - 1] = Vocabulary.Cls;
        }
        return length;
    }

    /// <summary>Encodes texts to one padded batch.</summary>
    /// <returns>[B,T], where T is the longest own length and at least the downsample factor, also where every text is empty.</returns>
    /// <exception cref="ArgumentException">The padded batch has more ids than an array can hold.</exception>
    public EncodedBatch Encode(IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var length = Options.DownsampleFactor;
        foreach (var text in texts)
        {
            length = Math.Max(length, Length(text));
        }
        if ((long)texts.Count * length > Array.MaxLength)
        {
            throw new ArgumentException($"{texts.Count} texts padded to {length} ids are more than one array can hold. " +
                "Encode fewer at a time.", nameof(texts));
        }
        var ids = new long[texts.Count * length];
        for (var row = 0; row < texts.Count; row++)
        {
            Encode(texts[row], ids.AsSpan(row * length, length));
        }
        return new(ids, texts.Count, length);
    }

    /// <summary>The text that ids stand for.</summary>
    /// <remarks>Padding and CLS are dropped; a masked character is shown as U+2588 (█) and an unknown one as U+FFFD (�).</remarks>
    /// <exception cref="ArgumentOutOfRangeException">An id is not of this vocabulary.</exception>
    public string Decode(ReadOnlySpan<long> ids)
    {
        var text = new StringBuilder(ids.Length);
        foreach (var id in ids)
        {
            var character = id switch
            {
                Vocabulary.Padding or Vocabulary.Cls => "",
                Vocabulary.Mask => "\u2588",
                Vocabulary.Unknown => "\uFFFD",
                _ => Vocabulary.CharacterOf((int)Math.Clamp(id, int.MinValue, int.MaxValue)).ToString(),
            };
            text.Append(character);
        }
        return text.ToString();
    }

    /// <summary>Vocabulary and options as one JSON document (docs/model-format.md).</summary>
    public string ToJson() => PreprocessorDocument.Of(Options.MaxLength, Options.DownsampleFactor, Options.AddCls, Vocabulary.Text).ToJson();

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is damaged, incomplete, of another format or version, or holds impossible values.</exception>
    public static Preprocessor FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        var document = PreprocessorDocument.Parse(json);
        try
        {
            return new(new Vocabulary([.. document.Characters.EnumerateRunes()]), new()
            {
                MaxLength = document.MaxLength,
                DownsampleFactor = document.DownsampleFactor,
                AddCls = document.AddCls,
            });
        }
        catch (ArgumentException e)
        {
            throw PreprocessorDocument.Damaged(e);
        }
    }

    /// <summary>Writes <see cref="ToJson"/> to a file, whole or not at all.</summary>
    public void Save(string path) => AtomicFile.Write(path, ToJson());

    /// <summary>Reads a file that <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">As for <see cref="FromJson"/>; the message names the file.</exception>
    public static Preprocessor Load(string path)
    {
        try
        {
            return FromJson(File.ReadAllText(path));
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"'{path}': {e.Message}", e);
        }
    }

    int OwnLength(int characters)
    {
        var length = Math.Min(characters + cls, limit);
        var over = length % Options.DownsampleFactor;
        return over == 0 ? length : length - over + Options.DownsampleFactor;   // within the limit, which is a multiple of the factor
    }
}
