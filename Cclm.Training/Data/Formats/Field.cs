namespace Cclm.Training.Data;

/// <summary>What a column holds in one row: nothing, one text, or a list of them.</summary>
readonly record struct Field(string? Text, IReadOnlyList<string>? List = null)
{
    public IReadOnlyList<string> Items => List ?? (Text is null ? [] : [Text]);

    public string Join(string separator) => List is null ? Text ?? "" : string.Join(separator, List);
}

/// <summary>What is read a column for.</summary>
enum ColumnRole
{
    Text,
    Label,
    Words,
    Tags,
    Vector,
    Id,
}

/// <summary>A column that is asked for.</summary>
/// <param name="Name">Its name, path or number from 1; null for the one that the format's users expect.</param>
/// <param name="Role">What it is read for.</param>
readonly record struct Column(string? Name, ColumnRole Role)
{
    /// <summary>The name that this column has where nobody says otherwise.</summary>
    public string UsualName => Role switch { ColumnRole.Text => "text", ColumnRole.Label => "label", ColumnRole.Words => "tokens", ColumnRole.Vector => "embedding", ColumnRole.Id => "id", _ => "tags" };

    /// <summary>The place that its name is the number of, from 0; -1 where the name is no number.</summary>
    public int Number => int.TryParse(Name, out var number) && number > 0 ? number - 1 : -1;

    /// <summary>The properties of <see cref="CorpusOptions"/> and the option of the app that choose this column.</summary>
    public string Option => Role is ColumnRole.Text or ColumnRole.Words ? "TextColumns (--text-column)"
        : Role == ColumnRole.Id ? "--id-column"
        : Role == ColumnRole.Vector ? "LabelColumn (vectorColumn of --task-options)" : "LabelColumn (--label-column)";
}
