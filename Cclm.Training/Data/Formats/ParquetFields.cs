using System.Globalization;
using Parquet;
using Parquet.Data;
using Parquet.Schema;

namespace Cclm.Training.Data;

/// <summary>Columns of a Parquet file as rows of text (Parquet format, "Nested Encoding").</summary>
static class ParquetFields
{
    /// <summary>The leaf of a path. What a writer puts between a list and its elements (<c>list.element</c>) need not be written.</summary>
    /// <exception cref="InvalidDataException">There is none, or several; the message lists the columns.</exception>
    public static DataField Find(string file, ParquetSchema schema, Column column)
    {
        var leaves = schema.DataFields;
        var path = column.Name ?? column.UsualName;
        return leaves.FirstOrDefault(leaf => Spelled(leaf) == path || Short(leaf) == path)
            ?? (column.Name is null && column.Role == ColumnRole.Text && leaves.Length == 1 ? leaves[0]
                : throw TableColumns.Missing(file, column, TableColumns.Describe(leaves.Select(Short))));
    }

    static string Spelled(DataField leaf) => string.Join('.', leaf.Path.ToList());

    static string Short(DataField leaf) => Spelled(leaf).Replace(".list.element", "", StringComparison.Ordinal)
        .Replace(".list.item", "", StringComparison.Ordinal).Replace(".bag.array_element", "", StringComparison.Ordinal);

    /// <summary>The leaf's values of each row of a group.</summary>
    public static Field[] Read(ParquetRowGroupReader group, DataField leaf, string file)
    {
        using var raw = group.ReadRawColumnDataBaseAsync(leaf).AsTask().GetAwaiter().GetResult();
        var texts = Texts(raw, leaf, file);
        var rows = new Field[group.RowCount];
        if (leaf.MaxDefinitionLevel == 0)
        {
            return Array.ConvertAll(texts, text => new Field(text));
        }
        var defined = raw.DefinitionLevels;
        var repeated = leaf.MaxRepetitionLevel > 0 ? raw.RepetitionLevels : default;
        for (int i = 0, row = -1, value = 0; i < defined.Length; i++)
        {
            var starts = repeated.IsEmpty || repeated[i] == 0;
            row += starts ? 1 : 0;
            if (starts)
            {
                rows[row] = repeated.IsEmpty ? default : new(null, new List<string>());
            }
            if (defined[i] == leaf.MaxDefinitionLevel)
            {
                var text = texts[value++];
                if (repeated.IsEmpty)
                {
                    rows[row] = new(text);
                }
                else
                {
                    ((List<string>)rows[row].List!).Add(text);
                }
            }
        }
        return rows;
    }

    static string[] Texts(RawColumnData raw, DataField leaf, string file) => raw switch
    {
        RawColumnData<ReadOnlyMemory<char>> text => Strings(text.Values, value => value.ToString()),
        RawColumnData<bool> flag => Strings(flag.Values, value => value ? "true" : "false"),
        RawColumnData<sbyte> number => Numbers(number.Values),
        RawColumnData<byte> number => Numbers(number.Values),
        RawColumnData<short> number => Numbers(number.Values),
        RawColumnData<ushort> number => Numbers(number.Values),
        RawColumnData<int> number => Numbers(number.Values),
        RawColumnData<uint> number => Numbers(number.Values),
        RawColumnData<long> number => Numbers(number.Values),
        RawColumnData<ulong> number => Numbers(number.Values),
        RawColumnData<float> number => Numbers(number.Values),
        RawColumnData<double> number => Numbers(number.Values),
        _ => throw new InvalidDataException($"{file}: column '{Short(leaf)}' holds {leaf.ClrType.Name}; expected text, numbers, or true and false."),
    };

    static string[] Numbers<T>(Span<T> values) where T : IFormattable => Strings(values, value => value.ToString(null, CultureInfo.InvariantCulture));

    static string[] Strings<T>(Span<T> values, Func<T, string> text)
    {
        var strings = new string[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            strings[i] = text(values[i]);
        }
        return strings;
    }
}
