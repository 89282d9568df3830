using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

public sealed class SubwordFittingTests
{
    [TestCase("low low low low low lower lower newest newest newest newest newest newest widest widest widest", 2, 10,
        "e s,es t,l o,lo w,e w,n ew,new est,d est,i dest,w idest", TestName = "The words of the paper")]
    [TestCase("aaaa aaa", 1, 2, "a a,aa a")]
    [TestCase("aaaa aaa", 2, 2, "a a")]
    [TestCase("abab abab", 2, 9, "a b,ab ab")]
    [TestCase("ba ba ab ab", 2, 9, "a b,b a")]                      // as frequent: lower ids first
    [TestCase("axb axb ab ab", 2, 9, "a b,a x,ax b")]
    [TestCase("axb ayb azb ab", 2, 9, "")]                          // unknown characters divide
    [TestCase("a b c d", 1, 9, "")]
    public void Merges(string text, int minCount, int merges, string expected)
    {
        var characters = text.Where(letter => letter != ' ').Distinct().Count();

        var tokenizer = SubwordTokenizer.Fit([text], new() { MinCount = minCount, VocabularySize = 3 + characters + merges, MaxCharacters = characters });

        Assert.That(string.Join(',', tokenizer.Merges.Select(pair => $"{tokenizer.Vocabulary[pair.Left]} {tokenizer.Vocabulary[pair.Right]}")), Is.EqualTo(expected));
    }

    [Test]
    public void MergesAndEncodingAreThoseOfTheSlowReference([Range(1, 10)] int seed)
    {
        var random = new Random(seed);
        for (var corpus = 0; corpus < 30; corpus++)
        {
            var (texts, options) = (Texts(random), Options(random));

            var tokenizer = SubwordTokenizer.Fit(texts, options);
            var (vocabulary, merges) = ReferenceBpe.Learn(texts, options);

            Assert.That(tokenizer.Vocabulary, Is.EqualTo(vocabulary));
            Assert.That(tokenizer.Merges.Select(pair => (vocabulary[pair.Left], vocabulary[pair.Right])), Is.EqualTo(merges));
            foreach (var word in Texts(random).SelectMany(text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
            {
                Assert.That(tokenizer.Encode(word).Select(token => vocabulary[token.Id]), Is.EqualTo(ReferenceBpe.Encode(word, vocabulary, merges)), word);
            }
        }
    }

    [Test]
    public void NeitherTheOrderOfTextsNorThreadsMatter([Values(1_000, 8_000, 1_000_000)] long most)
    {
        var texts = Enumerable.Range(0, 3000).Select(i => $"text {i % 700} of number{i * i % 97} und so weiter é{i % 13}").ToArray();
        string Json(int threads) => SubwordTokenizer.Fit(WordCounts.Of(texts, CancellationToken.None, most, threads).Total(), new() { VocabularySize = 300 }).ToJson();
        var one = Json(1);
        var random = new Random(1);
        for (var i = 0; i < 4; i++)
        {
            random.Shuffle(texts);
            Assert.That(Json(1 + i), Is.EqualTo(one));
        }
    }

    [TestCase(0, 2, null, "VocabularySize is 0; expected more than the 3 reserved tokens")]
    [TestCase(3, 2, null, "VocabularySize is 3")]
    [TestCase(10, 0, null, "MinCount is 0; expected 1")]
    [TestCase(10, 2, 0, "MaxCharacters is 0; expected 1 to 7")]
    [TestCase(10, 2, 8, "MaxCharacters is 8; expected 1 to 7")]
    public void OptionsOutOfRangeAreNamed(int size, int minCount, int? characters, string message) =>
        Assert.That(() => SubwordTokenizer.Fit(["a a"], new() { VocabularySize = size, MinCount = minCount, MaxCharacters = characters }),
            Throws.ArgumentException.With.Message.StartsWith(message));

    [TestCase("")]
    [TestCase(" \n\u3000")]
    [TestCase("abc \u0301\u0301")]
    public void TextsWithoutAFrequentCharacterAreRefused(string text) => Assert.That(() => SubwordTokenizer.Fit([text]),
        Throws.TypeOf<InvalidDataException>().With.Message.StartsWith("The texts have no character that occurs 2 times or more"));

    [Test]
    public void TheMostFrequentCharactersAreKnown()
    {
        var tokenizer = SubwordTokenizer.Fit(["zzzz 丁丁丁 ééaa 龍龍龍 x"], new() { VocabularySize = 100, MaxCharacters = 3 });

        Assert.That(tokenizer.Vocabulary.Skip(3).Where(token => token.Length == 1), Is.EqualTo(new[] { "z", "丁", "龍" }));
        Assert.That(tokenizer.Encode("z x é 龍").Select(token => token.Id), Is.EqualTo(new[] { 3, 0, 0, 5 }));
    }

    [Test]
    public void FittingIsCancelled()
    {
        using var source = new CancellationTokenSource();
        IEnumerable<string> Endless()
        {
            for (var i = 0; ; i++)
            {
                if (i == 1000)
                {
                    source.Cancel();
                }
                yield return $"text {i}";
            }
        }
        Assert.That(() => SubwordTokenizer.Fit(Endless(), cancellation: source.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(() => SubwordTokenizer.Fit(new Dictionary<string, long> { ["abab"] = 9 }, new(), source.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void WhatTheTextsThrowComesAsItIs()
    {
        static IEnumerable<string> Damaged()
        {
            yield return "a text";
            throw new InvalidDataException("line 2 is damaged");
        }
        Assert.That(() => SubwordTokenizer.Fit(Damaged()), Throws.TypeOf<InvalidDataException>().With.Message.EqualTo("line 2 is damaged"));
    }

    /// <summary>Few letters, so that tokens are made in several ways and runs overlap.</summary>
    static string[] Texts(Random random)
    {
        var letters = random.Next(1, 6);
        return [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => new string([.. Enumerable.Range(0, random.Next(1, 60)).Select(_ => random.Next(5) == 0 ? ' ' : (char)('a' + random.Next(letters)))]) + " a")];
    }

    static SubwordTokenizerOptions Options(Random random) => new() { VocabularySize = random.Next(8, 60), MinCount = random.Next(1, 3), MaxCharacters = random.Next(1, 5) };
}
