using System.Text;

namespace Cclm.Inference;

/// <summary>A piece of a text.</summary>
/// <param name="Characters">The characters of the text that it is, counted as Unicode scalar values.</param>
/// <param name="Weight">The share of the text's characters that are in it, and in no piece before it.</param>
readonly record struct TextPiece(Range Characters, float Weight);

/// <summary>Texts as a model reads them: those that are too long for it cut, or in pieces.</summary>
/// <param name="texts">The pieces, or the texts themselves where none is in pieces.</param>
/// <param name="pieces">For each text its pieces; null where none is in pieces.</param>
sealed class TextPieces(IReadOnlyList<string> texts, IReadOnlyList<TextPiece[]>? pieces)
{
    public IReadOnlyList<string> Texts => texts;

    /// <summary>Whether none is in pieces.</summary>
    public bool AreWhole => pieces is null;

    /// <exception cref="ArgumentException">A text is null, or too long and that is an error.</exception>
    public static TextPieces Of(IReadOnlyList<string> texts, Preprocessor preprocessor, CclmModelOptions options)
    {
        for (var i = 0; i < texts.Count; i++)
        {
            _ = Given(texts, i);
        }
        if (options.LongText == LongText.Truncate)
        {
            return new(texts, null);
        }
        var (cut, pieces, isCut) = (new List<string>(texts.Count), new List<TextPiece[]>(texts.Count), false);
        for (var i = 0; i < texts.Count; i++)
        {
            var text = texts[i];
            if (preprocessor.Fits(text))
            {
                cut.Add(text);
                pieces.Add([new(Range.All, 1)]);
            }
            else if (options.LongText == LongText.Error)
            {
                throw new ArgumentException($"Text {i} has {text.EnumerateRunes().Count():N0} characters; the model reads {preprocessor.MostCharacters:N0}. " +
                    $"Shorten it, or set {nameof(CclmModelOptions.LongText)} to {LongText.Truncate} or {LongText.Chunk}.", nameof(texts));
            }
            else
            {
                isCut = true;
                pieces.Add(Cut(text, preprocessor.MostCharacters, options.ChunkOverlap, cut));
            }
        }
        return isCut ? new(cut, pieces) : new(texts, null);
    }

    /// <summary>A text of some.</summary>
    /// <exception cref="ArgumentException">It is null.</exception>
    public static string Given(IReadOnlyList<string> texts, int index) =>
        texts[index] ?? throw new ArgumentException($"Text {index} is null. Give an empty string, or leave it out.", nameof(texts));

    /// <summary>One answer for each text.</summary>
    public T[] Join<T>(T[] answers, Func<IReadOnlyList<(T Answer, TextPiece Piece)>, T> join)
    {
        if (pieces is null)
        {
            return answers;
        }
        var (joined, next) = (new T[pieces.Count], 0);
        for (var i = 0; i < joined.Length; i++)
        {
            var first = next;
            next += pieces[i].Length;
            joined[i] = pieces[i].Length == 1 ? answers[first] : join([.. pieces[i].Select((piece, place) => (answers[first + place], piece))]);
        }
        return joined;
    }

    /// <summary>Adds a text's pieces, each beginning with the last characters of the one before it.</summary>
    static TextPiece[] Cut(string text, int most, int overlap, List<string> cut)
    {
        Rune[] characters = [.. text.EnumerateRunes()];
        var step = Math.Max(1, most - Math.Min(overlap, most / 2));
        var pieces = new List<TextPiece>();
        for (var (start, done) = (0, 0); done < characters.Length; start += step)
        {
            var end = Math.Min(start + most, characters.Length);
            cut.Add(string.Concat(characters[start..end]));
            pieces.Add(new(start..end, (end - done) / (float)characters.Length));
            done = end;
        }
        return [.. pieces];
    }
}
