using System.Text.Json;
using Cclm.Training;
using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

/// <summary>Augmentation as recipes and command lines say it.</summary>
public sealed class AugmentationOptionsTests
{
    const string Text = "the naïve Cat cafés modern";

    [Test]
    public void NothingAskedForIsNoAugmentor() => Assert.That(new AugmentationOptions().Create(), Is.Null);

    [TestCase("""{"lower":1}""", "the naïve cat cafés modern")]
    [TestCase("""{"titleFirst":1}""", "The naïve Cat cafés modern")]
    [TestCase("""{"upper":1,"strippedAccents":1}""", "THE NAIVE CAT CAFES MODERN")]
    [TestCase("""{"upper":1,"lower":1}""", "THE NAÏVE CAT CAFÉS MODERN")]
    public void OptionsComeFromJson(string json, string expected) => Assert.That(Read(json).Create()!(Text, new(1)), Is.EqualTo(expected));

    /// <summary>Every number of the record is an augmentor of its own, the one of its name.</summary>
    [TestCase("lower", "lower")]
    [TestCase("titleFirst", "title first")]
    [TestCase("upper", "upper")]
    [TestCase("typos", "typos")]
    [TestCase("neighbourKeys", "neighbour keys")]
    [TestCase("transpositions", "transpositions")]
    [TestCase("drops", "drops")]
    [TestCase("doublings", "doublings")]
    [TestCase("case", "case")]
    [TestCase("strippedAccents", "stripped accents")]
    [TestCase("whiteSpace", "white space")]
    [TestCase("ocrConfusions", "OCR confusions")]
    [TestCase("homoglyphs", "homoglyphs")]
    [TestCase("noise", "noise")]
    public void ANumberIsTheAugmentorOfItsName(string option, string kind)
    {
        var augmentor = Read($$"""{"{{option}}":0.7}""").Create()!;
        for (var seed = 0; seed < 50; seed++)
        {
            Assert.That(augmentor(Text, new(seed)), Is.EqualTo(AugmentationKinds.Make(kind, 0.7)(Text, new(seed))));
        }
        Assert.That(() => Read($$"""{"{{option}}":1.5}""").Create(), Throws.ArgumentException.With.Message.StartsWith($"'{option}' is 1.5; expected a share, 0 to 1."));
        Assert.That(() => Read($$"""{"{{option}}":-0.1}""").Create(), Throws.ArgumentException);
    }

    [Test]
    public void EveryNumberIsTested() => Assert.That(
        typeof(AugmentationOptions).GetProperties().Where(property => property.PropertyType == typeof(double)).Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name)),
        Is.EquivalentTo(GetType().GetMethod(nameof(ANumberIsTheAugmentorOfItsName))!.GetCustomAttributes(typeof(TestCaseAttribute), false)
            .Select(row => (string)((TestCaseAttribute)row).Arguments[0]!).Append("misspelt")));

    [Test]
    public void AListIsReadOnceForTheAugmentor()
    {
        using var folder = new TempFolder();
        var path = folder.Write("list.tsv", "naive\tnaïve\n");
        var misspelt = new AugmentationOptions { Misspelt = 1, Misspellings = path }.Create()!;
        var noise = new AugmentationOptions { Noise = 1, Misspellings = path }.Create()!;
        File.Delete(path);
        Assert.That(misspelt(Text, new(1)), Is.EqualTo("the naive Cat cafés modern"));
        Assert.That(Enumerable.Range(0, 100).Count(seed => noise("naïve", new(seed)) == "naive"), Is.GreaterThan(30));
    }

    [Test]
    public void AKeyboardIsNamed() => Assert.That(
        new AugmentationOptions { NeighbourKeys = 1, Keyboard = "ab cd" }.Create()!("b", new(1)), Is.AnyOf("a", "c", "d"));

    [TestCase("""{"misspelt":0.1}""", "Name a file")]
    [TestCase("""{"misspellings":"list.tsv"}""", "'list.tsv' would not be used")]
    [TestCase("""{"typos":0.1,"keyboard":"dvorak"}""", "dvorak")]
    [TestCase("""{"typo":0.1}""", "'typos'")]
    public void WhatMakesNoSenseIsAnError(string json, string message) =>
        Assert.That(() => Read(json).Create(), Throws.ArgumentException.With.Message.Contains(message));

    static AugmentationOptions Read(string json) => PartTypes.Read<AugmentationOptions>(JsonDocument.Parse(json).RootElement, "augmentation");
}
