namespace Cclm.Training.Data;

/// <summary>Texts that are the nodes of a graph, such as papers that cite each other.</summary>
/// <param name="Texts">Each node's text.</param>
/// <param name="Edges">Pairs of nodes, by their places in <paramref name="Texts"/>, as they stand in the file: in both directions, twice, or from a node to itself if it says so.</param>
/// <param name="Labels">Each node's class, null where it has none; null where no labels were given.</param>
public sealed record TextGraph(IReadOnlyList<string> Texts, IReadOnlyList<(int From, int To)> Edges, IReadOnlyList<string?>? Labels = null)
{
    /// <summary>Reads a graph of UTF-8 files, which may be compressed. It is held in memory.</summary>
    /// <param name="nodes">A text a line; line i is node i, counted from 0, a blank one too.</param>
    /// <param name="edges">An edge a line: two node numbers apart by white space. Lines that begin with # are skipped.</param>
    /// <param name="labels">A label a line, as many as nodes, blank where a node has none.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">An edge leads to no node, or there are more or fewer labels than nodes; the message names file and line.</exception>
    public static TextGraph Load(string nodes, string edges, string? labels = null)
    {
        string[] texts = [.. Corpus.AllLines(nodes).Select(line => line.Text)];
        (int, int)[] pairs = [.. Corpus.AllLines(edges).Where(line => !string.IsNullOrWhiteSpace(line.Text) && line.Text[0] != '#')
            .Select(line => Edge(edges, line.Number, line.Text, nodes, texts.Length))];
        return new(texts, pairs, labels is null ? null : ReadLabels(labels, texts.Length));
    }

    static (int, int) Edge(string path, long number, string line, string nodes, int count)
    {
        var ends = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (ends.Length != 2 || !int.TryParse(ends[0], out var from) || !int.TryParse(ends[1], out var to))
        {
            throw new InvalidDataException($"'{path}', line {number} is '{(line.Length > 60 ? line[..60] : line)}'; expected two node numbers.");
        }
        var outside = from < 0 || from >= count ? from : to;
        return outside >= 0 && outside < count ? (from, to) : throw new InvalidDataException(
            $"'{path}', line {number} leads to node {outside}, but '{nodes}' has the nodes 0 to {count - 1}. The two files do not belong together, or its nodes are counted from 1.");
    }

    static string?[] ReadLabels(string path, int count)
    {
        string?[] labels = [.. Corpus.AllLines(path).Select(line => string.IsNullOrWhiteSpace(line.Text) ? null : line.Text)];
        return labels.Length == count ? labels
            : throw new InvalidDataException($"'{path}' has {labels.Length:N0} lines; expected {count:N0}, one a node, blank where a node has no label.");
    }
}
