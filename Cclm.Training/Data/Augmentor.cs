namespace Cclm.Training.Data;

/// <summary>Changes a text as its writers might have written it, so that a model learns to see past such changes.</summary>
/// <param name="text">The text as it is.</param>
/// <param name="random">All chance comes from here: one seed, one result.</param>
/// <returns>The changed text; the same one where nothing changed.</returns>
public delegate string Augmentor(string text, Random random);

/// <summary>Augmentors, and ways to join them.</summary>
public static class Augmentors
{
    /// <summary><c>Compose(f, g)(x) = g(f(x))</c>: each augmentor changes what the one before it made.</summary>
    public static Augmentor Compose(params Augmentor[] augmentors) =>
        (text, random) => augmentors.Aggregate(text, (changed, augmentor) => augmentor(changed, random));

    /// <summary>
    /// One typing error in some words: a key beside the right one, two characters in the wrong order, one left out or one too many.
    /// </summary>
    /// <param name="rate">The probability that a word gets an error, 0 to 1. A word is a run of letters and digits.</param>
    public static Augmentor Typos(double rate)
    {
        if (!(rate is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(rate), rate, "Expected a probability, 0 to 1.");
        }
        return (text, random) => Typing.Mistype(text, rate, random);
    }
}
