using System.Globalization;
using System.Text;
using Cclm.Inference;
using static TorchSharp.torch;

namespace Cclm.Training;

/// <summary>Ids as words are made of them: a letter in lower case for any case, and 0 for all that is in no word, such as spaces, punctuation and CLS.</summary>
/// <remarks>What an id becomes is a buffer, <c>words</c> [V], so that a saved model knows it without its vocabulary. Lower case is Unicode's simple mapping.</remarks>
public sealed class WordCharacters : Layer
{
    const string Words = "words";

    /// <param name="size">V, how many ids there are.</param>
    /// <param name="vocabulary">Their characters; null for a layer whose buffer is then read from a file.</param>
    public WordCharacters(int size, Vocabulary? vocabulary) : base(nameof(WordCharacters))
    {
        register_buffer(Words, tensor(vocabulary is null ? new long[size] : [.. Enumerable.Range(0, size).Select(id => WordOf(id, vocabulary))]));
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Value forward(Value ids) => ids.Op(                     // [B,T] -> [B,T]
        indices => get_buffer(Words)!.take(indices),
        (graph, edge) => graph.Op("Gather", [graph.Weight(this, Words, get_buffer(Words)!), edge]));

    static long WordOf(int id, Vocabulary vocabulary) => vocabulary.CharacterOf(id) is not { } character ? id == Vocabulary.Cls ? Vocabulary.Padding : id
        : !IsOfWord(character) ? Vocabulary.Padding
        : vocabulary[Rune.ToLowerInvariant(character)] is var lower and not Vocabulary.Unknown ? lower : id;

    static bool IsOfWord(Rune character) => Rune.IsLetterOrDigit(character) || Rune.GetUnicodeCategory(character)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;
}
