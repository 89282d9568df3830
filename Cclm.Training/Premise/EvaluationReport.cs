using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Cclm.Training.Premise;

/// <summary>Writes what was measured: all of it as JSON, tables in Markdown, and pictures of accuracy by the number of labels.</summary>
/// <param name="folder">Where.</param>
public sealed class EvaluationReport(string folder)
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>Where the tables are.</summary>
    public string Tables => Path.Combine(folder, "evaluation.md");

    /// <summary>Whether there is one.</summary>
    public bool Exists => File.Exists(Tables);

    /// <summary>Writes the files anew.</summary>
    /// <param name="command">What was run.</param>
    /// <param name="measured">All that is known so far.</param>
    public void Write(string command, IReadOnlyList<Measured> measured)
    {
        Directory.CreateDirectory(folder);
        AtomicFile.Write(Path.Combine(folder, "evaluation.json"), JsonSerializer.Serialize(new { command, measured }, Json));
        AtomicFile.Write(Tables, Markdown(command, measured));
        foreach (var (name, svg) in LabelCurves.Draw(measured))
        {
            AtomicFile.Write(Path.Combine(folder, $"{name}.svg"), svg);
        }
    }

    /// <summary>A table for each study and measure: models by rows, noise by columns.</summary>
    public static string Markdown(string command, IReadOnlyList<Measured> measured)
    {
        var text = new StringBuilder($"    {command}\n");
        foreach (var table in measured.GroupBy(row => (row.Study, row.Measure)))
        {
            var noises = table.Select(row => row.Noise).Distinct().ToList();
            var seeds = table.Max(row => row.Seeds.Count);
            text.Append(CultureInfo.InvariantCulture, $"\n**{table.Key.Study}**: {table.Key.Measure}{(table.First().Items > 0 ? $" of {table.First().Items:N0}" : "")}{(seeds > 1 ? $", {seeds} seeds" : "")}\n\n| model | {string.Join(" | ", noises)} |\n|---|{string.Concat(noises.Select(_ => "---|"))}\n");
            foreach (var model in table.GroupBy(row => row.Model))
            {
                text.Append(CultureInfo.InvariantCulture, $"| {model.Key} | {string.Join(" | ", noises.Select(noise => Cell(model.FirstOrDefault(row => row.Noise == noise))))} |\n");
            }
        }
        return text.ToString();
    }

    /// <summary>The mean, its deviation over seeds, and the interval over test items.</summary>
    static string Cell(Measured? row) => row is null ? "" : string.Create(CultureInfo.InvariantCulture,
        $"{row.Mean:F3}{(row.Seeds.Count > 1 ? $" ± {row.Deviation:F3}" : "")}{(double.IsNaN(row.Low) ? "" : $" ({row.Low:F3} to {row.High:F3})")}");
}
