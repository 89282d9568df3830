using System.Xml.Linq;
using Cclm.Training.Premise;
using NUnit.Framework;

namespace Cclm.Tests.Premise;

/// <summary>Pictures of accuracy by the number of labels.</summary>
[Parallelizable]
public sealed class LabelCurvesTests
{
    static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Test]
    public void ThereIsAPictureOfEachSetAndNoiseThatHasACurve()
    {
        var drawn = LabelCurves.Draw([
            Row("News, 10 labels a class", "clean", "ours", 0.5), Row("News, 1,000 labels a class", "clean", "ours", 0.9),
            Row("News, 10 labels a class", "clean", "theirs", 0.4), Row("News, 1,000 labels a class", "clean", "theirs", 0.8),
            Row("News, 10 labels a class", "typos in 40 %", "ours", 0.3), Row("News, 1,000 labels a class", "typos in 40 %", "ours", 0.7),
            Row("Kinds, 100 labels a class", "clean", "ours", 0.6),         // a point is no curve
            Row("News, all 16,047 labels", "clean", "ours", 0.95),          // how many a class is not known
        ]).ToDictionary(picture => picture.Name, picture => XDocument.Parse(picture.Svg));
        Assert.That(drawn.Keys, Is.EquivalentTo((string[])["news-clean", "news-typos-in-40"]));
        Assert.That(Curves(drawn["news-clean"]), Is.EqualTo(2));
        Assert.That(Texts(drawn["news-clean"]), Does.Contain("ours").And.Contain("theirs").And.Contain("News, clean: accuracy by labels a class"));
        Assert.That(Curves(drawn["news-typos-in-40"]), Is.EqualTo(1));
        Assert.That(Texts(drawn["news-typos-in-40"]), Does.Contain("ours").And.Not.Contain("theirs"));
    }

    [Test]
    public void AModelOfOneNumberHasNoCurve()
    {
        var drawn = LabelCurves.Draw([Row("News, 10 labels a class", "clean", "ours", 0.5), Row("News, 100 labels a class", "clean", "ours", 0.7), Row("News, 100 labels a class", "clean", "a tower alone", 0.6)]);
        Assert.That(Texts(XDocument.Parse(drawn.Single().Svg)), Does.Contain("ours").And.Not.Contain("a tower alone"));
    }

    static Measured Row(string study, string noise, string model, double mean) => new(study, noise, model, "accuracy", [mean], double.NaN, double.NaN, 1);

    static List<string> Texts(XDocument picture) => [.. picture.Descendants(Svg + "text").Select(text => text.Value)];

    /// <summary>How many colours thick lines have, as axes and their grid have not: those of the curves, and of the legend.</summary>
    static int Curves(XDocument picture) => picture.Descendants(Svg + "polyline").Select(line => (string)line.Attribute("style")!).Where(style => style.Contains("stroke-width:2", StringComparison.Ordinal))
        .Select(style => style.Split(';').Single(part => part.StartsWith("stroke:", StringComparison.Ordinal))).Distinct().Count();
}
