using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Docs;

/// <summary>docs/augmentation.md, compiled and run: its code blocks are the regions of this file, word for word.</summary>
public sealed class AugmentationExample
{
    [Test]
    public void NoiseIsMadeAndSwept()
    {
        using var folder = new TempFolder();
        using var there = new CurrentFolder(folder.Path);
        folder.Write("misspellings.tsv", "recieve\treceive\n");
        #region noise
        var list = MisspellingList.Load("misspellings.tsv");
        Augmentor augmentor = Augmentors.Compose(Augmentors.Lower(0.02), Augmentors.Noise(0.1, list));

        string noisy = augmentor("You receive the lines of a file.", new Random(1));
        #endregion
        Assert.That(noisy, Is.Not.Empty);
        string[] texts = ["the first text", "the second text"];
        var seen = new List<string[]>();
        void Evaluate(double level, IEnumerable<string> read) => seen.Add([.. read]);
        #region sweep
        foreach (var level in (double[])[0, 0.05, 0.1, 0.2, 0.4])
        {
            var noise = Augmentors.Noise(level);
            Evaluate(level, texts.Select((text, i) => noise(text, new Random(i))));
        }
        #endregion
        Assert.That(seen[0], Is.EqualTo(texts));
        Assert.That(seen, Has.Count.EqualTo(5));
        #region own
        Augmentor withoutVowels = (text, random) =>
            random.NextDouble() < 0.01 ? string.Concat(text.Where(letter => !"aeiou".Contains(letter))) : text;
        #endregion
        Assert.That(Enumerable.Range(0, 1000).Count(seed => withoutVowels("vowels", new(seed)) == "vwls"), Is.InRange(1, 50));
        #region options
        var options = new AugmentationOptions { Lower = 0.02, Noise = 0.1, Misspellings = "misspellings.tsv" };
        Augmentor? chosen = options.Create();           // null where nothing is asked for
        #endregion
        Assert.That(chosen, Is.Not.Null);
    }
}
