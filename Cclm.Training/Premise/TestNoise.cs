using Cclm.Training.Data;

namespace Cclm.Training.Premise;

/// <summary>What is done to a test's texts.</summary>
/// <param name="Name">In words.</param>
/// <param name="Augmentor">What does it; null for nothing.</param>
public sealed record TestNoise(string Name, Augmentor? Augmentor)
{
    const int Seed = 77_003;            // no training draws from it

    /// <summary>Nothing.</summary>
    public static TestNoise None { get; } = new("clean", null);

    /// <summary>Typing errors in a share of the words.</summary>
    public static TestNoise Typos(int percent) => new($"typos in {percent} %", Augmentors.Typos(percent / 100.0));

    /// <summary>Every word of a list misspelt as people do.</summary>
    public static TestNoise Misspelt(MisspellingList list) => new("misspelt", Augmentors.Misspellings(1, list));

    /// <summary>The texts as the test asks them, the same in every run.</summary>
    public IReadOnlyList<string> Of(IEnumerable<string> texts) => [.. texts.Select((text, i) => Augmentor?.Invoke(text, new Random(Seed + i)) ?? text)];
}
