using Cclm.Inference;
using Cclm.Training;
using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Training;

public sealed class TagSetTests
{
    [TestCase("B-x I-x O B-y", TagScheme.Auto, TagScheme.Bio, "O B-x I-x B-y I-y")]
    [TestCase("O S-x O", TagScheme.Auto, TagScheme.Bioes, "O B-x I-x E-x S-x")]
    [TestCase("B-y E-y|O B-x-z E-x-z", TagScheme.Auto, TagScheme.Bioes, "O B-x-z I-x-z E-x-z S-x-z B-y I-y E-y S-y")]
    [TestCase("O B-x", TagScheme.Bio, TagScheme.Bio, "O B-x I-x")]
    [TestCase("O I-x B-x", TagScheme.Iob1, TagScheme.Iob1, "O B-x I-x")]
    public void TagsAreThoseOfTheScheme(string sentences, TagScheme asked, TagScheme scheme, string names)
    {
        var tags = TagSet.Of(Sentences(sentences), asked);
        Assert.That((tags.Scheme, string.Join(' ', tags.Names)), Is.EqualTo((scheme, names)));
    }

    [TestCase("I-x I-x O I-y", "B-x I-x O B-y")]
    [TestCase("O I-x B-x I-x", "O B-x B-x I-x")]
    [TestCase("I-x I-y B-y", "B-x B-y B-y")]
    [TestCase("B-x I-x O B-y", "B-x I-x O B-y")]
    public void Iob1IsReadAsBio(string written, string read)
    {
        var tags = new TagSet(["x", "y"], TagScheme.Iob1);
        Assert.That(string.Join(' ', tags.ClassesOf(Sentences(written)[0]).Select(tag => tags.Names[tag])), Is.EqualTo(read));
    }

    [TestCase("", "The data set is empty")]
    [TestCase("O O|O", "Every word is tagged 'O': there is nothing to tell apart")]
    [TestCase("B-x|B-x B-x", "Every word is tagged 'B-x'")]
    [TestCase("O I-x|O B-x", "Tag 'I-x' of word 2, 'w1', in 'w0 w1' can not follow 'O' in BIO; expected 'O', 'B-x'. Mend the tags; if I- begins spans all over the data, it is IOB1: say so (scheme).")]
    [TestCase("O B-x I-y", "'I-y' of word 3, 'w2', in 'w0 w1 w2' can not follow 'B-x' in BIO; expected 'B-x', 'I-x', 'O', 'B-y'")]
    [TestCase("O|I-x", "'I-x' of word 1, 'w0', in 'w0' can not follow 'O'")]
    [TestCase("B-x O E-x", "'O' of word 2, 'w1', in 'w0 w1 w2' can not follow 'B-x' in BIOES; expected 'I-x', 'E-x'. Mend the tags.")]
    [TestCase("S-x B-y S-x", "'S-x' of word 3, 'w2', in 'w0 w1 w2' can not follow 'B-y' in BIOES; expected 'I-y', 'E-y'. Mend the tags.")]
    [TestCase("E-x O", "'E-x' of word 1, 'w0', in 'w0 w1' can not follow 'O'")]
    [TestCase("S-x O B-x", "'B-x' of word 3, 'w2', in 'w0 w1 w2' is the last tag, and its span is not closed")]
    [TestCase("O B-x|O X-x", "'X-x' of word 2, 'w1', in 'w0 w1' is none that is known")]
    [TestCase("O NNP", "expected 'O', or B-, I-, E- or S- and a type, such as 'B-PER'. See that the tag column is the right one.")]
    [TestCase("O B-", "'B-' of word 2")]
    [TestCase("O 3", "Put the names in the place of the numbers.")]
    [TestCase("U-x O", "Write E- for L-, and S- for U-.")]
    [TestCase("O _", "Give every word a tag.")]
    [TestCase("B-x B-x+B-y", "'B-x+B-y' of word 2, 'w1', in 'w0 w1' is more than one: spans that overlap")]
    public void WhatCanNotBeLearnedFromIsAnError(string sentences, string message) =>
        Assert.That(() => TagSet.Of(Sentences(sentences)), Throws.ArgumentException.With.Message.Contains(message));

    [Test]
    public void ASentenceIsCheckedForItsWords()
    {
        Assert.That(() => TagSet.Of([new(["a", "b"], ["O"])]), Throws.ArgumentException.With.Message.Contains("2 words and 1 tags; expected one word or more, and one tag a word. It is 'a b'"));
        Assert.That(() => TagSet.Of([new([], [])]), Throws.ArgumentException.With.Message.Contains("0 words"));
        Assert.That(() => TagSet.Of([new(["a", ""], ["O", "B-x"])]), Throws.ArgumentException.With.Message.Contains("'B-x' of word 2, '', in 'a ' is the tag of an empty word"));
    }

    [Test]
    public void ATagThatTheSetDoesNotHaveIsAnError() => Assert.That(() => new TagSet(["x"], TagScheme.Bio).ClassesOf(Sentences("O B-y")[0]),
        Throws.ArgumentException.With.Message.Contains("Tag 'B-y' of word 2, 'w1', in 'w0 w1' is not among the 3 tags of BIO: 'O', 'B-x', 'I-x'."));

    [Test]
    public void ASetNeedsTypesAndAScheme()
    {
        Assert.That(() => new TagSet([], TagScheme.Bio), Throws.ArgumentException.With.Message.Contains("no type"));
        Assert.That(() => new TagSet(["x"], TagScheme.Auto), Throws.ArgumentException.With.Message.Contains("'Auto' is no scheme"));
    }

    [TestCase("ner/wnut17/en.train.conll", 6)]
    [TestCase("ner/uner_ewt/en.train.conll", 5)]
    [TestCase("ner/wikiann/en.train.conll", 3)]
    public void RealDataIsRead(string name, int types)
    {
        var tags = TagSet.Of(Corpus.OpenTagged(new() { Paths = [SharedData.Find(name)] }).Read().Select(row => row.Row));
        Assert.That((tags.Scheme, tags.Types.Count, tags.Names.Count), Is.EqualTo((TagScheme.Bio, types, 1 + (2 * types))));
    }

    /// <summary>Sentences w0, w1, .. with these tags; a bar ends a sentence, an underscore is an empty tag.</summary>
    static TaggedSentence[] Sentences(string tags) => tags.Length == 0 ? [] :
        [.. tags.Split('|').Select(sentence => sentence.Split(' ')).Select(read => new TaggedSentence([.. read.Select((_, i) => $"w{i}")], [.. read.Select(tag => tag == "_" ? "" : tag)]))];
}
