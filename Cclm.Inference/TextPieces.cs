using System.Text;

namespace Cclm.Inference;

/// <summary>Texts as a model reads them: those that are too long for it cut, or in pieces.</summary>
/// <param name="texts">The pieces, or the texts themselves where none is in pieces.</param>
/// <param name="weights">For each text the weights of its pieces; null where none is in pieces.</param>
sealed class TextPieces(IReadOnlyList<string> texts, IReadOnlyList<float[]>? weights)
{
    public IReadOnlyList<string> Texts => texts;

    /// <exception cref="ArgumentException">A text is null, or too long and that is an error.</exception>
    public static TextPieces Of(IReadOnlyList<string> texts, Preprocessor preprocessor, CclmModelOptions options)
    {
        for (var i = 0; i < texts.Count; i++)
        {
            _ = texts[i] ?? throw new ArgumentException($"Text {i} is null. Give an empty string, or leave it out.", nameof(texts));
        }
        if (options.LongText == LongText.Truncate)
        {
            return new(texts, null);
        }
        var (pieces, weights, isCut) = (new List<string>(texts.Count), new List<float[]>(texts.Count), false);
        for (var i = 0; i < texts.Count; i++)
        {
            var text = texts[i];
            if (preprocessor.Fits(text))
            {
                pieces.Add(text);
                weights.Add([1]);
            }
            else if (options.LongText == LongText.Error)
            {
                throw new ArgumentException($"Text {i} has {text.EnumerateRunes().Count():N0} characters; the model reads {preprocessor.MostCharacters:N0}. " +
                    $"Shorten it, or set {nameof(CclmModelOptions.LongText)} to {LongText.Truncate} or {LongText.Chunk}.", nameof(texts));
            }
            else
            {
                isCut = true;
                weights.Add(Cut(text, preprocessor.MostCharacters, options.ChunkOverlap, pieces));
            }
        }
        return isCut ? new(pieces, weights) : new(texts, null);
    }

    /// <summary>One answer for each text.</summary>
    public T[] Join<T>(T[] answers, Func<IReadOnlyList<(T Answer, float Weight)>, T> mean)
    {
        if (weights is null)
        {
            return answers;
        }
        var (joined, next) = (new T[weights.Count], 0);
        for (var i = 0; i < joined.Length; i++)
        {
            var first = next;
            next += weights[i].Length;
            joined[i] = weights[i].Length == 1 ? answers[first] : mean([.. weights[i].Select((weight, piece) => (answers[first + piece], weight))]);
        }
        return joined;
    }

    /// <summary>Adds a text's pieces, each beginning with the last characters of the one before it.</summary>
    /// <returns>Their weights: the shares of the text's characters that are not in a piece before.</returns>
    static float[] Cut(string text, int most, int overlap, List<string> pieces)
    {
        Rune[] characters = [.. text.EnumerateRunes()];
        var step = Math.Max(1, most - Math.Min(overlap, most / 2));
        var weights = new List<float>();
        for (var (start, done) = (0, 0); done < characters.Length; start += step)
        {
            var end = Math.Min(start + most, characters.Length);
            pieces.Add(string.Concat(characters[start..end]));
            weights.Add((end - done) / (float)characters.Length);
            done = end;
        }
        return [.. weights];
    }
}
