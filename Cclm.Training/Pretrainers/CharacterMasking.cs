using Cclm.Inference;
using Cclm.Training.Data;

namespace Cclm.Training;

/// <summary>What is hidden from the model in <see cref="CharacterMaskPretrainer"/>.</summary>
public sealed record CharacterMaskOptions
{
    /// <summary>The share of the characters that are masked one by one.</summary>
    public double Rate { get; init; } = 0.125;

    /// <summary>The length of the one consecutive run that is masked too: single characters teach spelling, a run teaches words.</summary>
    public int Run { get; init; } = 5;

    /// <summary>Whether every character is asked for, those that can be read too.</summary>
    public bool AskForAll { get; init; }

    /// <summary>Texts are left out for which one of these is false.</summary>
    public IReadOnlyList<Func<string, bool>> Filters { get; init; } = [];

    /// <summary>Changes to the text before anything else, one after another: what they make is what is read and asked for.</summary>
    public IReadOnlyList<Augmentor> Transforms { get; init; } = [];

    /// <summary>Noise put on the text before it is masked; the original characters are still what is asked for.</summary>
    public Augmentor? Augmentor { get; init; }

    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    public void Check()
    {
        if (Rate is not (>= 0 and < 1) || Run < 0 || (Rate == 0 && Run == 0))
        {
            throw new ArgumentException($"A mask rate of {Rate} and a run of {Run} can not be trained with; expected a rate of 0 or more and less than 1, a run of 0 or more, and one of them above 0.", nameof(Rate));
        }
    }
}

/// <summary>Masks the characters of texts.</summary>
/// <remarks>
/// Noise that changes a word's length moves its characters away from where the original has them. What is asked for has to stand
/// at its place, so corrections are asked for in words of unchanged length only. Where the number of words changed, as by a space that was
/// lost, words are aligned first.
/// </remarks>
sealed class CharacterMasking(Preprocessor preprocessor, CharacterMaskOptions options)
{
    /// <summary>A text's ids with some masked, and the original id at each masked or changed position.</summary>
    public Example Mask(string text, Random random, bool noisy)
    {
        text = options.Transforms.Aggregate(text, (changed, transform) => transform(changed, random));
        var read = noisy && options.Augmentor is { } augment ? augment(text, random) : text;
        var ids = preprocessor.IdsOf(read);
        var originals = read == text ? ids : preprocessor.IdsOf(Aligned(read, text));
        var (masked, targets) = (ids.ToArray(), new long[ids.Length]);
        Array.Fill(targets, Batch.NoTarget);
        var characters = TextIds.Characters(ids);
        var run = Math.Min(options.Run, characters);
        var start = random.Next(characters - run + 1);
        for (var i = 0; i < characters; i++)
        {
            if ((i >= start && i < start + run) || random.NextDouble() < options.Rate)
            {
                (masked[i], targets[i]) = (Vocabulary.Mask, originals[i]);
            }
            else if (options.AskForAll || ids[i] != originals[i])
            {
                targets[i] = originals[i];
            }
        }
        return new(masked, targets);
    }

    /// <summary>The noisy text with its words put right wherever that moves no character.</summary>
    static string Aligned(string noisy, string original)
    {
        var (read, meant) = (noisy.Split(' '), original.Split(' '));
        return string.Join(' ', read.Length == meant.Length
            ? read.Zip(meant, (word, right) => Characters(word) == Characters(right) ? right : word)
            : read.Zip(WordAlignment.Of(read, meant), (word, right) => right ?? word));
    }

    static int Characters(string word) => word.EnumerateRunes().Count();
}
