using System.Text;
using System.Xml.Linq;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace Cclm.Training;

/// <summary>A curve of a chart.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Points">By step; a curve without any is left out.</param>
sealed record RunCurve(string Name, IReadOnlyList<DataPoint> Points);

/// <summary>Curves over the steps of a run, as SVG that takes its colours from the page around it.</summary>
static class RunChart
{
    const int Width = 680, Height = 260;

    /// <summary>Colours that stand for what the page's style sheet gives in their place.</summary>
    static readonly (OxyColor Color, string Style)[] Colors =
    [
        (OxyColor.FromRgb(1, 1, 1), "var(--ink)"), (OxyColor.FromRgb(2, 2, 2), "var(--line)"),
        (OxyColor.FromRgb(3, 3, 3), "var(--first)"), (OxyColor.FromRgb(4, 4, 4), "var(--second)"),
    ];

    static OxyColor Ink => Colors[0].Color;

    static OxyColor Line => Colors[1].Color;

    /// <summary>An <c>svg</c> element that stands for itself: a screen reader says its title.</summary>
    /// <param name="id">Of the title, apart from those of other charts on the page.</param>
    /// <param name="title">What the curves show, in words.</param>
    /// <param name="curves">One or two.</param>
    public static XElement Draw(string id, string title, IEnumerable<RunCurve> curves)
    {
        var model = new PlotModel
        {
            TextColor = Ink,
            PlotAreaBorderThickness = new(0),
            DefaultFont = "system-ui, sans-serif",
            Padding = new(24, 8, 12, 8),        // labels come out wider than they are measured
        };
        model.Axes.Add(Axis(AxisPosition.Bottom, "step"));
        model.Axes.Add(Axis(AxisPosition.Left, null));
        foreach (var (index, curve) in curves.Where(curve => curve.Points.Count > 0).Index())
        {
            var series = new LineSeries { Title = curve.Name, Color = Colors[2 + index].Color, StrokeThickness = 1.8 };
            series.Points.AddRange(curve.Points);
            if (series.Points.Count < 40)       // a few measurements are dots, one of which alone would be no line
            {
                (series.MarkerType, series.MarkerSize, series.MarkerFill) = (MarkerType.Circle, 3, series.Color);
            }
            model.Series.Add(series);
        }
        model.Legends.Add(new Legend { IsLegendVisible = model.Series.Count > 1, LegendPosition = LegendPosition.TopRight, LegendTextColor = Ink, LegendLineSpacing = 6 });
        using var svg = new MemoryStream();
        new SvgExporter { Width = Width, Height = Height, IsDocument = false, UseVerticalTextAlignmentWorkaround = true }.Export(model, svg);
        return OfThePage(XElement.Parse(Styled(svg)), id, title);
    }

    static LinearAxis Axis(AxisPosition position, string? title) => new()
    {
        Position = position,
        Title = title,
        AxisTitleDistance = 8,
        AxislineColor = Line,
        TicklineColor = Line,
        MinorTicklineColor = OxyColors.Transparent,
        MajorGridlineStyle = position == AxisPosition.Left ? LineStyle.Solid : LineStyle.None,
        MajorGridlineColor = Line,
        MajorGridlineThickness = 0.5,
        MaximumPadding = 0.02,
    };

    static string Styled(MemoryStream svg) => Colors.Aggregate(
        Encoding.UTF8.GetString(svg.GetBuffer(), 0, (int)svg.Length).TrimStart('\uFEFF'),
        (text, color) => text.Replace($"rgb({color.Color.R},{color.Color.G},{color.Color.B})", color.Style, StringComparison.Ordinal));

    static XElement OfThePage(XElement svg, string id, string title)
    {
        svg.Attributes().Remove();
        svg.Add(new XAttribute("viewBox", $"0 0 {Width} {Height}"), new XAttribute("role", "img"), new XAttribute("aria-labelledby", id));
        svg.Descendants(svg.Name.Namespace + "defs").Remove();      // clips, whose ids other charts on the page would have too
        svg.Descendants().Attributes("clip-path").Remove();
        svg.AddFirst(new XElement(svg.Name.Namespace + "title", new XAttribute("id", id), title));
        return svg;
    }
}
