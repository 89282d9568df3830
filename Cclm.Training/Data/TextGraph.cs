namespace Cclm.Training.Data;

/// <summary>Texts that are the nodes of a graph, such as papers that cite each other.</summary>
public sealed class TextGraph
{
    readonly Lazy<Adjacency> neighbours;

    /// <param name="texts">Each node's text.</param>
    /// <param name="edges">Pairs of nodes, by their places in <paramref name="texts"/>.</param>
    /// <param name="labels">Each node's class, null where it has none; null where no labels are given.</param>
    /// <exception cref="ArgumentException">There are more or fewer labels than nodes.</exception>
    public TextGraph(IReadOnlyList<string> texts, IReadOnlyList<(int From, int To)> edges, IReadOnlyList<string?>? labels = null)
    {
        (Texts, Edges, Labels) = (texts, edges, labels is null || labels.Count == texts.Count ? labels
            : throw new ArgumentException($"There are {labels.Count:N0} labels for {texts.Count:N0} nodes; expected one a node, null where a node has none.", nameof(labels)));
        neighbours = new(() => new(texts.Count, edges));
    }

    /// <summary>Each node's text.</summary>
    public IReadOnlyList<string> Texts { get; }

    /// <summary>Pairs of nodes as they were given: in both directions, twice, or from a node to itself if the file says so.</summary>
    public IReadOnlyList<(int From, int To)> Edges { get; }

    /// <summary>Each node's class, null where it has none; null where no labels were given.</summary>
    public IReadOnlyList<string?>? Labels { get; }

    /// <summary>Which nodes are neighbours, whatever the direction of the edge.</summary>
    public Adjacency Neighbours => neighbours.Value;

    /// <summary>The nodes as rows of a data set.</summary>
    public RowSource<GraphNode> Nodes => new GraphNodes(this);

    /// <summary>Reads the graph of a corpus: one file of texts, <see cref="CorpusOptions.Edges"/> and, where they are named, <see cref="CorpusOptions.Labels"/>.</summary>
    /// <exception cref="ArgumentException">No edges are named, or the nodes are not the lines of one file.</exception>
    /// <inheritdoc cref="Load"/>
    public static TextGraph Open(CorpusOptions corpus)
    {
        if (corpus.Paths is not [var nodes] || (corpus.Format ?? CorpusFile.FormatOf(nodes) ?? CorpusFormat.Lines) != CorpusFormat.Lines || corpus.TextColumns.Count > 0)
        {
            throw new ArgumentException($"The nodes of a graph are the lines of one file, and line i is node i; found {string.Join(", ", corpus.Paths.Select(path => $"'{path}'"))}. Write their texts to a .txt file.", nameof(corpus));
        }
        return Load(nodes, corpus.Edges ?? throw new ArgumentException($"'{nodes}' has no edges; expected a file of two node numbers a line. Name it: --edges FILE, in a recipe \"edges\".", nameof(corpus)), corpus.Labels);
    }

    /// <summary>Reads a graph of UTF-8 files, which may be compressed.</summary>
    /// <remarks>Edges and labels are held in memory. Texts are read from their file whenever one is asked for, unless it is compressed or the standard input: then they are held too.</remarks>
    /// <param name="nodes">A text a line; line i is node i, counted from 0, a blank one too.</param>
    /// <param name="edges">An edge a line: two node numbers apart by white space. Lines that begin with # are skipped.</param>
    /// <param name="labels">A label a line, as many as nodes, blank where a node has none.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">An edge leads to no node, or there are more or fewer labels than nodes; the message names file and line.</exception>
    public static TextGraph Load(string nodes, string edges, string? labels = null)
    {
        var texts = ReadTexts(nodes);
        (int, int)[] pairs = [.. Corpus.AllLines(edges).Where(line => !string.IsNullOrWhiteSpace(line.Text) && line.Text[0] != '#')
            .Select(line => Edge(edges, line.Number, line.Text, nodes, texts.Count))];
        return new(texts, pairs, labels is null ? null : ReadLabels(labels, texts.Count));
    }

    static IReadOnlyList<string> ReadTexts(string path) =>
        Corpus.AllLines(path).Any() && Decompression.IsPlain(path) ? new LineFile(path) : Corpus.AllLines(path).Select(line => line.Text).ToList();

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
        var known = new Dictionary<string, string>();           // a label's text is held once
        string?[] labels = [.. Corpus.AllLines(path).Select(line => string.IsNullOrWhiteSpace(line.Text) ? null : known.TryAdd(line.Text, line.Text) ? line.Text : known[line.Text])];
        return labels.Length == count ? labels
            : throw new InvalidDataException($"'{path}' has {labels.Length:N0} lines; expected {count:N0}, one a node, blank where a node has no label.");
    }
}
