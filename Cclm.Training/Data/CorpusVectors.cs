using System.Globalization;

namespace Cclm.Training.Data;

/// <summary>A vector, and the text that it is of.</summary>
/// <param name="Vector">Its numbers.</param>
/// <param name="Text">The text; null where no text column was named.</param>
public sealed record TextVector(float[] Vector, string? Text = null);

public static partial class Corpus
{
    /// <summary>Vectors from files in Parquet or JSON: a column of lists of numbers, which <see cref="CorpusOptions.LabelColumn"/> names (else <c>embedding</c>), and the texts beside it where <see cref="CorpusOptions.TextColumns"/> names their column.</summary>
    /// <exception cref="InvalidDataException">A row has no vector, or one that is not of numbers; and as <see cref="Open"/>.</exception>
    /// <inheritdoc cref="Open"/>
    public static RowSource<TextVector> OpenVectors(CorpusOptions options)
    {
        Column[] texts = [.. options.TextColumns.Select(name => new Column(name, ColumnRole.Text))];
        return OpenRows(options, [new(options.LabelColumn, ColumnRole.Vector), .. texts], (fields, reader) =>
            new TextVector(Numbers(fields[0], reader), texts.Length > 0 ? Text(fields[1..], options) : null));
    }

    static float[] Numbers(Field field, RecordReader reader)
    {
        var numbers = new float[field.Items.Count];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (!float.TryParse(field.Items[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]))
            {
                throw new InvalidDataException($"{reader.Place} has '{field.Items[i]}' in its vector; expected a list of numbers. Name the column that holds the vectors.");
            }
        }
        return numbers.Length > 0 ? numbers : throw new InvalidDataException($"{reader.Place} has no vector; expected a list of numbers. Complete the row, or take it out.");
    }
}
