using System.Globalization;
using System.Text.RegularExpressions;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace Cclm.Training.Premise;

/// <summary>Accuracy by the number of labels, a curve for each model and a picture for each data set and noise.</summary>
static partial class LabelCurves
{
    const int Width = 680, Height = 380, MostModels = 9;

    public static IEnumerable<(string Name, string Svg)> Draw(IReadOnlyList<Measured> measured) =>
        from row in measured
        let study = PerClass().Match(row.Study)
        where study.Success
        group (Labels: double.Parse(study.Groups["labels"].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture), row) by (Set: study.Groups["set"].Value, row.Noise) into picture
        where picture.Select(point => point.Labels).Distinct().Count() > 1
        select (Name($"{picture.Key.Set} {picture.Key.Noise}"), Picture($"{picture.Key.Set}, {picture.Key.Noise}: accuracy by labels a class", picture));

    static string Picture(string title, IEnumerable<(double Labels, Measured Row)> points)
    {
        var model = new PlotModel { Title = title, TitleFontSize = 13, DefaultFont = "sans-serif", Background = OxyColors.White, Padding = new(12, 8, 24, 8) };
        model.Axes.Add(new LogarithmicAxis { Position = AxisPosition.Bottom, Title = "labels a class" });
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Left, MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = OxyColors.LightGray });
        foreach (var curve in points.GroupBy(point => point.Row.Model).Where(curve => curve.Count() > 1).Take(MostModels))
        {
            var series = new LineSeries { Title = curve.Key, MarkerType = MarkerType.Circle, MarkerSize = 3 };
            series.Points.AddRange(curve.OrderBy(point => point.Labels).Select(point => new DataPoint(point.Labels, point.Row.Mean)));
            model.Series.Add(series);
        }
        model.Legends.Add(new Legend { LegendPosition = LegendPosition.RightBottom, LegendFontSize = 11 });
        return new SvgExporter { Width = Width, Height = Height, UseVerticalTextAlignmentWorkaround = true }.ExportToString(model);
    }

    static string Name(string words) => NoName().Replace(words.ToLowerInvariant(), "-").Trim('-');

    [GeneratedRegex(@"^(?<set>.+), (?<labels>[\d,]+) labels a class$")]
    private static partial Regex PerClass();

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NoName();
}
