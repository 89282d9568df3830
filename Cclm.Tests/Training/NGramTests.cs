using Cclm.Inference;
using Cclm.Training;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Cclm.Tests.Training;

/// <summary>N-grams of characters as an embedder hashes them.</summary>
[Parallelizable]
public sealed class NGramTests : TorchFixture
{
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(7)]
    public void AnNGramIsTheIdsUpToAPositionAndNothingElse(int n)
    {
        long[] ids = [4, 9, 4, 9, 5, 4, 9, 4, 9, 5, 4];             // a period of 5
        var hashes = Hashes(ids, n, 1 << 20);
        for (var i = n - 1; i < ids.Length; i++)
        {
            for (var j = n - 1; j < ids.Length; j++)
            {
                var same = ids.AsSpan(i - n + 1, n).SequenceEqual(ids.AsSpan(j - n + 1, n));
                Assert.That(hashes[i] == hashes[j], Is.EqualTo(same), $"at {i} and {j}");
            }
        }
        Assert.That(Hashes(ids[..6], n, 1 << 20), Is.EqualTo(hashes[..6]), "What follows has no part in it.");
        Assert.That(Hashes([.. new long[n - 1], .. ids], n, 1 << 20)[(n - 1)..], Is.EqualTo(hashes), "What is before a text counts as padding.");
    }

    [TestCase(2)]
    [TestCase(5)]
    public void AnNGramReachesBackToAnIdOfZero(int n)
    {
        long[] word = [0, 7, 8, 7, 9, 5, 4];
        var hashes = Hashes([.. word, .. word, 3, 3, .. word], n, 1 << 20);
        Assert.That(hashes[8..14], Is.EqualTo(hashes[1..7]).And.EqualTo(hashes[17..]), "What was before the zero does not count.");
        Assert.That(hashes[7], Is.Not.EqualTo(hashes[16]), "A zero itself ends the word before it.");
    }

    [Test]
    public void NGramsOfWordsCountLettersTheSameInAnyCase()
    {
        var vocabulary = Vocabulary.Fit(["Straße ΣΑΣ σας Éé e\u0301 \u0915\u093F 7ab Ab, \U0001F600 Q"]);
        using var scope = NewDisposeScope();
        using var characters = new WordCharacters(vocabulary.Count, vocabulary);
        string Words(string text) => string.Concat(((Value.Torch)characters.forward(new Value.Torch(tensor([.. text.EnumerateRunes().Select(rune => (long)vocabulary[rune])])))).Tensor.data<long>()
            .Select(id => id switch { Vocabulary.Padding => "_", Vocabulary.Unknown => "?", _ => $"{vocabulary.CharacterOf((int)id)}" }));
        foreach (var (text, expected) in ((string, string)[])[("Ab, AbAb", "ab__abab"), ("ΣΑΣ σας", "σασ_σας"), ("Éé e\u0301", "éé_e\u0301"), ("\u0915\u093F7", "\u0915\u093F7"), ("\U0001F600b!", "_b?"), ("Qq", "Q?")])
        {
            Assert.That(Words(text), Is.EqualTo(expected), text);
        }
        long[] reserved = [Vocabulary.Padding, Vocabulary.Mask, Vocabulary.Unknown, Vocabulary.Cls];
        Assert.That(((Value.Torch)characters.forward(new Value.Torch(tensor(reserved)))).Tensor.data<long>().ToArray(), Is.EqualTo(new long[] { Vocabulary.Padding, Vocabulary.Mask, Vocabulary.Unknown, Vocabulary.Padding }));
    }

    [TestCase(1)]
    [TestCase(17)]
    [TestCase(16_384)]
    public void HashesArePlacesOfATable(int buckets)
    {
        var random = new Random(1);
        long[] ids = [.. Enumerable.Range(0, 5_000).Select(_ => (long)random.Next(1_114_111))];
        var hashes = Hashes(ids, 16, buckets);
        Assert.That(hashes, Is.All.InRange(0, buckets - 1));
        Assert.That(hashes.Distinct().Count(), Is.GreaterThan(buckets == 16_384 ? 4_000 : buckets - 1), "They are spread over it.");
    }

    [TestCase("[1]")]
    [TestCase("[3,3]")]
    [TestCase("[17]")]
    public void SizesThatAreNoneAreErrors(string sizes) =>
        Assert.That(() => new ConvEmbedder(SmallParts.EmbedderOptions with { NGrams = System.Text.Json.JsonSerializer.Deserialize<int[]>(sizes)! }), Throws.ArgumentException.With.Message.Contains("2 to 16"));

    static long[] Hashes(long[] ids, int n, long buckets)
    {
        using var scope = NewDisposeScope();
        return ((Value.Torch)new Value.Torch(tensor(ids).view(1, -1)).ngrams(n, buckets)).Tensor.data<long>().ToArray();
    }
}
