using System.Globalization;
using System.Xml.Linq;
using Cclm.Export;
using NUnit.Framework;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Cclm.Tests.Export;

[Parallelizable]
public sealed class ModelDiagramTests
{
    const string Hostile = "</title><script>alert('1')</script>\"]; click n0 \"javascript:x\" \0\u0007\r\n\ud800 #quot; & `x` \u4e2d\U0001F600";

    static ModelProto Composed() => Composer.Compose(Compositions.Base, [Compositions.A, Compositions.B], new() { Pooling = new(Pooling.Mean), Heads = [Compositions.OnB] });

    static ModelProto Foreign(string name)
    {
        var graph = new OnnxGraph(name);
        var x = graph.Input($"{name} x", DataType.Float, "N", name);
        graph.Output($"{name} y", graph.Op("Relu", [graph.Op("Add", [x, graph.Initializer("w", [1f], 1)])]), "N", name);
        return graph.ToModel();
    }

    static ModelProto Renamed()
    {
        var model = Composed();
        var parts = TinyParts.Metadata(model);
        return TinyParts.Describe(model, parts with { Parts = [.. parts.Parts.Select(part => part with { Name = part.Name + Hostile })], Pooling = Hostile });
    }

    static IEnumerable<TestCaseData> Models()
    {
        yield return new TestCaseData(Composed(), 11).SetArgDisplayNames("composed");
        yield return new TestCaseData(Composer.Compose(Compositions.Base, [Compositions.A]), 5).SetArgDisplayNames("one tower");
        yield return new TestCaseData(TextInput.Prepend(Composed()), 11).SetArgDisplayNames("text in");
        yield return new TestCaseData(Compositions.Base, 4).SetArgDisplayNames("embedder");
        yield return new TestCaseData(Compositions.A.Model, 4).SetArgDisplayNames("tower");
        yield return new TestCaseData(Compositions.OnB.Model, 4).SetArgDisplayNames("head");
        yield return new TestCaseData(Foreign("g"), 3).SetArgDisplayNames("foreign");
        yield return new TestCaseData(Foreign(Hostile), 3).SetArgDisplayNames("hostile");
        yield return new TestCaseData(Renamed(), 11).SetArgDisplayNames("hostile parts");
        yield return new TestCaseData(new OnnxGraph("").ToModel(), 1).SetArgDisplayNames("empty");
    }

    [TestCaseSource(nameof(Models))]
    public void AnSvgIsXmlInWhichEveryTextFitsItsBoxAndNothingOverlaps(ModelProto model, int boxes)
    {
        var svg = XDocument.Parse(ModelDiagram.Of(model).ToSvg()).Root!;
        XNamespace space = "http://www.w3.org/2000/svg";
        double Number(XElement element, string name) => double.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);
        var groups = svg.Elements(space + "g").ToArray();
        var rectangles = groups.Select(group => group.Element(space + "rect")!).Select(at => (X: Number(at, "x"), Y: Number(at, "y"), Right: Number(at, "x") + Number(at, "width"), Bottom: Number(at, "y") + Number(at, "height"))).ToArray();
        Assert.That(groups, Has.Length.EqualTo(boxes));
        Assert.Multiple(() =>
        {
            Assert.That(svg.Descendants().Select(element => element.Name.LocalName).Distinct(), Is.SubsetOf((string[])["svg", "title", "desc", "style", "defs", "marker", "path", "rect", "g", "text"]).And.Contains("title"));
            Assert.That((svg.Element(space + "title")!.Value.Length, svg.Element(space + "desc")!.Value.Length), Is.GreaterThan((0, 0)).Using<(int, int)>((x, y) => Math.Min(x.Item1.CompareTo(y.Item1), x.Item2.CompareTo(y.Item2))));
            foreach (var (group, at) in groups.Zip(rectangles))
            {
                foreach (var text in group.Elements(space + "text"))
                {
                    Assert.That(DiagramWidth(text.Value) * Number(text, "font-size"), Is.LessThanOrEqualTo(at.Right - at.X), text.Value);
                    Assert.That(Number(text, "y"), Is.InRange(at.Y, at.Bottom), text.Value);
                }
            }
            Assert.That(rectangles.Where(at => at.X < 0 || at.Y < 0 || at.Right > Number(svg, "width") || at.Bottom > Number(svg, "height")), Is.Empty);
            Assert.That(rectangles.SelectMany((a, i) => rectangles[(i + 1)..].Where(b => a.X < b.Right && b.X < a.Right && a.Y < b.Bottom && b.Y < a.Bottom)), Is.Empty);
        });
    }

    /// <summary>The least that text takes in any sans-serif font: so that an estimate of nothing would be seen.</summary>
    static double DiagramWidth(string text) => text.EnumerateRunes().Sum(rune => rune.Value switch { > 0x2000 and not 0x2026 => 1.0, ' ' or 'i' or 'l' or '.' or ',' or '[' or ']' or '\'' => 0.2, _ => 0.45 });

    [TestCaseSource(nameof(Models))]
    public void AFlowchartHasOneNodeForEachBoxAndNoTextThatActs(ModelProto model, int boxes)
    {
        var lines = ModelDiagram.Of(model).ToMermaid().TrimEnd('\n').Split('\n');
        Assert.That(lines[0], Is.EqualTo("flowchart LR"));
        Assert.That(lines.Count(line => System.Text.RegularExpressions.Regex.IsMatch(line, """^    n\d+(\[|\(\[)"([^"<>#`;]|<br/>|#\d+;)*"(\]|\]\))$""")), Is.EqualTo(boxes), string.Join('\n', lines));
        Assert.That(lines[1..].Count(line => System.Text.RegularExpressions.Regex.IsMatch(line, @"^    n\d+ --> n\d+$")), Is.EqualTo(lines.Length - 1 - boxes));
    }

    [Test]
    public void AComposedModelIsDrawnByItsParts()
    {
        var diagram = ModelDiagram.Of(Composed());
        string Arrow(DiagramArrow arrow) => $"{diagram.Boxes[arrow.From].Title} > {diagram.Boxes[arrow.To].Title}";
        Assert.That(diagram.Boxes.Where(box => box.Kind != DiagramKind.Edge).Select(box => $"{box.Title}: {string.Join(", ", box.Lines)}"), Is.EqualTo((string[])
        [
            "embedder: float[B,T,5], 70 parameters, 280 bytes", "a: float[B,T,3], 15 parameters, 60 bytes", "ab: float[B,T,4], 20 parameters, 80 bytes",
            "concat: 2 towers", "pool: mean+l2", "b: float[B,5], categorical, 5 labels, 20 parameters, 80 bytes",
        ]));
        Assert.That(diagram.Arrows.Select(Arrow), Is.EquivalentTo((string[])
        [
            "ids > embedder", "embedder > a", "embedder > ab", "a > concat", "ab > concat", "a > pool", "ab > pool", "ab > b",
            "concat > hidden", "pool > embedding", "b > logits_b", "embedder > mask",
        ]));
        Assert.That(diagram.Describe(), Does.StartWith("ids, int64[B,T] \u2192 embedder; embedder, float[B,T,5], 70 parameters"));
    }

    [Test]
    public void AForeignModelIsOneBoxOfItsOperators() =>
        Assert.That(ModelDiagram.Of(Foreign("g")).Boxes[1].Lines, Is.EqualTo((string[])["1 Add", "1 Identity", "1 Relu", "1 parameter", "4 bytes"]));

    [Test]
    public void ManyInputsAreCounted()
    {
        var graph = new OnnxGraph("g");
        var sum = graph.Op("Sum", [.. Enumerable.Range(0, 30).Select(i => graph.Input($"x{i}", DataType.Float))]);
        graph.Output("y", sum);
        Assert.That(ModelDiagram.Of(graph.ToModel()).Boxes.Select(box => box.Title), Does.Contain("and 18 more").And.Contain("x11").And.Not.Contain("x12"));
    }
}
