namespace Cclm.Training.Data;

/// <summary>Finds the columns that are asked for among those a table has.</summary>
static class TableColumns
{
    const int MostNames = 50, LongestName = 40;                 // in a message: a header may be data that was taken for one

    /// <summary>The place of each column, from 0.</summary>
    /// <param name="file">What messages call the file.</param>
    /// <param name="columns">What is asked for.</param>
    /// <param name="names">The names of the header; null where the table has none.</param>
    /// <param name="count">How many columns the table has.</param>
    /// <exception cref="InvalidDataException">There is no such column; the message lists those there are.</exception>
    public static int[] Find(string file, IReadOnlyList<Column> columns, IReadOnlyList<string>? names, int count)
    {
        return [.. columns.Select(Place)];

        int Place(Column column)
        {
            var place = names is null ? -1 : names.ToList().IndexOf(column.Name ?? column.UsualName);
            if (place < 0)
            {
                place = column.Name is not null ? column.Number : column.Role == ColumnRole.Text && count == 1 ? 0 : -1;
            }
            return place >= 0 && place < count ? place : throw Missing(file, column, Describe(names, count));
        }
    }

    /// <summary>The error for a column that is not there.</summary>
    /// <param name="where">File, or file and row.</param>
    /// <param name="column">What was asked for.</param>
    /// <param name="there">What is there, in words.</param>
    public static InvalidDataException Missing(string where, Column column, string there) => new(column.Name is { } name
        ? $"{where} has no column '{name}'; it has {there}. Choose one with {column.Option}."
        : $"{where} has {there}; expected a column '{column.UsualName}'. Choose one with {column.Option}.");

    /// <summary>Names in words, the first of them where there are very many.</summary>
    public static string Describe(IEnumerable<string> names)
    {
        string[] all = [.. names];
        var shown = all.Take(MostNames).Select(name => name.Length <= LongestName ? name : $"{name[..LongestName]}..");
        return all.Length == 0 ? "no columns" : $"the columns {string.Join(", ", shown)}{(all.Length > MostNames ? ", .." : "")}";
    }

    static string Describe(IReadOnlyList<string>? names, int count) => names is not null ? Describe(names)
        : count == 1 ? "one column and no header" : $"columns 1 to {count} and no header";
}
