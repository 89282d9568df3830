namespace Cclm.Export;

/// <summary>Where everything of a <see cref="ModelDiagram"/> stands, in pixels: layers from left to right, each centred.</summary>
sealed class DiagramLayout
{
    public const double TitleSize = 15, TitleRoom = 17, LineSize = 12, Padding = 12, LineHeight = 17, TitleHeight = 21, WidestText = 230;
    // TitleRoom: the size of plain letters that are as wide as the bold ones of a title.
    const double Margin = 24, BetweenLayers = 56, BetweenBoxes = 22, LaneHeight = 10;

    readonly ModelDiagram diagram;
    readonly List<double> lefts = [], widths = [];                              // of layers
    readonly Dictionary<int, Box> boxes = [];
    readonly Dictionary<(DiagramArrow Arrow, int Layer), double> lanes = [];    // heights at which an arrow passes a layer

    public DiagramLayout(ModelDiagram diagram)
    {
        this.diagram = diagram;
        var layers = diagram.Boxes.Count == 0 ? 0 : diagram.Boxes.Max(box => box.Layer) + 1;
        Height = (2 * Margin) + Enumerable.Range(0, layers).Select(HeightOf).DefaultIfEmpty(0).Max();
        Width = Margin;
        for (var layer = 0; layer < layers; layer++)
        {
            lefts.Add(Width);
            widths.Add(BoxesOf(layer).Select(i => WidthOf(diagram.Boxes[i])).DefaultIfEmpty(0).Max());
            Width += widths[layer] + (layer < layers - 1 ? BetweenLayers : Margin);
            Place(layer);
        }
    }

    public double Width { get; }

    public double Height { get; }

    /// <summary>The rectangle of a box.</summary>
    public Box Of(int box) => boxes[box];

    /// <summary>The points that an arrow goes through: where it leaves a box, where it enters and leaves each layer that it passes, where it ends.</summary>
    public IEnumerable<(double X, double Y)> Points(DiagramArrow arrow)
    {
        var (from, to) = (boxes[arrow.From], boxes[arrow.To]);
        yield return (from.X + from.Width, from.Y + (from.Height / 2));
        foreach (var layer in Passed(arrow))
        {
            yield return (lefts[layer], lanes[(arrow, layer)]);
            yield return (lefts[layer] + widths[layer], lanes[(arrow, layer)]);
        }
        yield return (to.X, to.Y + (to.Height / 2));
    }

    void Place(int layer)
    {
        var y = (Height - HeightOf(layer)) / 2;
        foreach (var i in BoxesOf(layer))
        {
            var height = HeightOf(diagram.Boxes[i]);
            boxes[i] = new(lefts[layer], y, widths[layer], height);
            y += height + BetweenBoxes;
        }
        foreach (var arrow in Passing(layer))
        {
            lanes[(arrow, layer)] = y + (LaneHeight / 2);
            y += LaneHeight + BetweenBoxes;
        }
    }

    IEnumerable<int> BoxesOf(int layer) => Enumerable.Range(0, diagram.Boxes.Count).Where(i => diagram.Boxes[i].Layer == layer);

    IEnumerable<DiagramArrow> Passing(int layer) => diagram.Arrows.Where(arrow => Passed(arrow).Contains(layer));

    IEnumerable<int> Passed(DiagramArrow arrow)
    {
        var (from, to) = (diagram.Boxes[arrow.From].Layer, diagram.Boxes[arrow.To].Layer);
        return Enumerable.Range(from + 1, Math.Max(0, to - from - 1));
    }

    double HeightOf(int layer) =>
        BoxesOf(layer).Select(i => HeightOf(diagram.Boxes[i])).Concat(Passing(layer).Select(_ => LaneHeight)).Sum(height => height + BetweenBoxes) - BetweenBoxes;

    static double HeightOf(DiagramBox box) => (2 * Padding) + TitleHeight + (box.Lines.Count * LineHeight);

    static double WidthOf(DiagramBox box) => (2 * Padding) + Math.Min(WidestText,
        Math.Max(DiagramText.Width(box.Title, TitleRoom), box.Lines.Select(line => DiagramText.Width(line, LineSize)).DefaultIfEmpty(0).Max()));

    /// <summary>A rectangle.</summary>
    public sealed record Box(double X, double Y, double Width, double Height);
}
