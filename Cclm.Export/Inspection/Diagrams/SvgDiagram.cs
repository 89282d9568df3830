using System.Globalization;
using System.Text;
using System.Xml.Linq;

namespace Cclm.Export;

/// <summary>A <see cref="ModelDiagram"/> as an SVG file (W3C SVG 1.1): no script, no font and no picture from elsewhere.</summary>
static class SvgDiagram
{
    static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    const string Style = """
        svg { --page: #ffffff; --text: #1f2328; --said: #57606a; --line: #6e7781; --edge: #f6f8fa; --embedder: #ddf4ff; --tower: #dafbe1; --head: #fff8c5; --stage: #fbefff; --model: #ddf4ff }
        @media (prefers-color-scheme: dark) { svg { --page: #0d1117; --text: #e6edf3; --said: #adb5bd; --line: #8b949e; --edge: #161b22; --embedder: #0c2d4a; --tower: #12351f; --head: #3d3000; --stage: #331f4d; --model: #0c2d4a } }
        text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; fill: var(--text) }
        .title { font-weight: 600 } .said { fill: var(--said) } .page { fill: var(--page) } .arrow { fill: none; stroke: var(--line); stroke-width: 1.5 } .tip { fill: var(--line) }
        .box { stroke: var(--line) } .edge { fill: var(--edge) } .embedder { fill: var(--embedder) } .tower { fill: var(--tower) } .head { fill: var(--head) } .stage { fill: var(--stage) } .model { fill: var(--model) }
        """;

    public static string Write(ModelDiagram diagram)
    {
        var layout = new DiagramLayout(diagram);
        var svg = Element("svg", ("viewBox", $"0 0 {Number(layout.Width)} {Number(layout.Height)}"), ("width", Number(layout.Width)), ("height", Number(layout.Height)),
            ("role", "img"), ("aria-labelledby", "title desc"));
        svg.Add(Text("title", diagram.Title, ("id", "title")), Text("desc", diagram.Describe(), ("id", "desc")), new XElement(Svg + "style", Style), Tip(),
            Element("rect", ("class", "page"), ("width", "100%"), ("height", "100%")));
        svg.Add(diagram.Arrows.Select(arrow => Element("path", ("class", "arrow"), ("marker-end", "url(#tip)"), ("d", Path([.. layout.Points(arrow)])))));
        svg.Add(diagram.Boxes.Select((box, i) => Draw(box, layout.Of(i))));
        return $"{svg}\n";
    }

    static XElement Tip()
    {
        var marker = Element("marker", ("id", "tip"), ("viewBox", "0 0 8 8"), ("refX", "8"), ("refY", "4"), ("markerWidth", "7"), ("markerHeight", "7"), ("orient", "auto"));
        marker.Add(Element("path", ("class", "tip"), ("d", "M0 0 L8 4 L0 8 z")));
        return new XElement(Svg + "defs", marker);
    }

    static XElement Draw(DiagramBox box, DiagramLayout.Box at)
    {
        var kind = box.Kind.ToString().ToLowerInvariant();
        var group = new XElement(Svg + "g", Text("title", string.Join(", ", box.Lines.Prepend(box.Title))),
            Element("rect", ("class", $"box {kind}"), ("x", Number(at.X)), ("y", Number(at.Y)), ("width", Number(at.Width)), ("height", Number(at.Height)), ("rx", box.Kind == DiagramKind.Edge ? "18" : "6")));
        var room = at.Width - (2 * DiagramLayout.Padding);
        var y = at.Y + DiagramLayout.Padding + DiagramLayout.TitleSize;
        group.Add(Line(DiagramText.Fit(box.Title, DiagramLayout.TitleRoom, room), "title", DiagramLayout.TitleSize, at, y));
        y += DiagramLayout.TitleHeight;
        group.Add(box.Lines.Select((line, i) => Line(DiagramText.Fit(line, DiagramLayout.LineSize, room), "said", DiagramLayout.LineSize, at, y + (i * DiagramLayout.LineHeight))));
        return group;
    }

    static XElement Line(string text, string style, double size, DiagramLayout.Box at, double y) =>
        Text("text", text, ("class", style), ("font-size", Number(size)), ("text-anchor", "middle"), ("x", Number(at.X + (at.Width / 2))), ("y", Number(y)));

    /// <summary>Curves between layers and straight lines through them.</summary>
    static string Path((double X, double Y)[] points)
    {
        var path = new StringBuilder($"M{Number(points[0].X)} {Number(points[0].Y)}");
        for (var i = 1; i < points.Length; i++)
        {
            var ((fromX, fromY), (x, y)) = (points[i - 1], points[i]);
            var middle = Number((fromX + x) / 2);
            path.Append(i % 2 == 0 ? $" H{Number(x)}" : $" C{middle} {Number(fromY)} {middle} {Number(y)} {Number(x)} {Number(y)}");
        }
        return path.ToString();
    }

    static XElement Text(string name, string text, params (string Name, string Value)[] attributes)
    {
        var element = Element(name, attributes);
        element.Add(VisibleText.Of(text));
        return element;
    }

    static XElement Element(string name, params (string Name, string Value)[] attributes) =>
        new(Svg + name, attributes.Select(attribute => new XAttribute(attribute.Name, attribute.Value)));

    static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
