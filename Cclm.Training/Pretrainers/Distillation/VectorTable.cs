using Cclm.Training.Data;

namespace Cclm.Training;

/// <summary>A teacher whose vectors are known: those of a file, or a list.</summary>
/// <remarks>A vector is found by the hash of its text, so that it stays with it however the texts are shuffled, split or filtered. A text that comes again has the vector that it had first.</remarks>
public sealed class VectorTable : Teacher
{
    readonly IReadOnlyList<float[]> vectors;
    readonly Dictionary<ulong, int> places = [];

    /// <param name="name">What the vectors are from, for messages; it tells them from all others.</param>
    /// <param name="vectors">As many as texts, each [D].</param>
    /// <param name="texts">The texts, in the same order.</param>
    /// <exception cref="InvalidDataException">There are more or fewer vectors than texts, or they differ in width, or one is not of finite numbers.</exception>
    public VectorTable(string name, IReadOnlyList<float[]> vectors, IEnumerable<string> texts)
    {
        (Description, this.vectors) = (name, vectors);
        var count = 0;
        foreach (var text in texts)
        {
            places.TryAdd(TextHash.Of(text), count++);
        }
        if (count != vectors.Count || count == 0)
        {
            throw new InvalidDataException($"{name} has {vectors.Count:N0} vectors, but there are {count:N0} texts. Expected one for each text, in order (lines without text have none).");
        }
        Width = vectors[0].Length;
        foreach (var (row, vector) in vectors.Index())
        {
            Checked(vector, Width, $"{name}: vector {row:N0} (counted from 0)");
        }
    }

    /// <inheritdoc/>
    public override int Width { get; }

    /// <inheritdoc/>
    public override string Description { get; }

    /// <summary>Reads a file of vectors.</summary>
    /// <param name="path">A matrix in <c>.npy</c> (<see cref="NpyFile"/>), or lists of numbers in Parquet or JSON (<see cref="Corpus.OpenVectors"/>), which are held in memory.</param>
    /// <param name="texts">The texts that the vectors are of, in order.</param>
    /// <param name="vectorColumn">The column of the vectors; null for <c>embedding</c>. An <c>.npy</c> has none.</param>
    /// <param name="textColumn">The column of the texts that they are of, in any order and perhaps more than there are in <paramref name="texts"/>; null where they are those of <paramref name="texts"/>, in order.</param>
    /// <exception cref="IOException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is damaged; and as the constructor.</exception>
    public static VectorTable Load(string path, IEnumerable<string> texts, string? vectorColumn = null, string? textColumn = null)
    {
        var matrix = Path.GetExtension(path).Equals(".npy", StringComparison.OrdinalIgnoreCase);
        if (matrix && (vectorColumn ?? textColumn) is { } column)
        {
            throw new ArgumentException($"'{path}' is one matrix and has no column '{column}'. Leave the column out: its rows are the texts' in order.");
        }
        var name = $"'{Path.GetFileName(path)}' ({FileHash.Of(path)[..16]})";
        if (matrix)
        {
            return new(name, NpyFile.Open(path), texts);
        }
        var rows = Corpus.OpenVectors(new() { Paths = [path], LabelColumn = vectorColumn, TextColumns = textColumn is null ? [] : [textColumn] }).Read().Select(row => row.Row).ToList();
        return new(name, [.. rows.Select(row => row.Vector)], textColumn is null ? texts : rows.Select(row => row.Text!));
    }

    /// <inheritdoc/>
    public override float[] VectorOf(string text) => vectors[PlaceOf(text)];

    /// <inheritdoc/>
    public override void Check(IEnumerable<string> texts)
    {
        foreach (var text in texts)
        {
            PlaceOf(text);
        }
    }

    /// <inheritdoc/>
    public override void Dispose() => (vectors as IDisposable)?.Dispose();

    int PlaceOf(string text) => places.TryGetValue(TextHash.Of(text), out var place) ? place
        : throw new InvalidDataException($"{Description} has no vector of the text {Shown(text)}. Make vectors of all texts, or leave those out that have none.");
}
