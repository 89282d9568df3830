namespace Cclm.Training.Data;

/// <summary>The neighbours of a graph's nodes, in compressed sparse rows: 4 bytes a node and 8 an edge.</summary>
/// <remarks>Edges have no direction; each counts once, and none leads from a node to itself.</remarks>
public sealed class Adjacency
{
    readonly int[] starts;              // of a node's neighbours; [nodes + 1]
    readonly int[] neighbours;          // ascending for each node

    /// <param name="nodes">How many nodes there are.</param>
    /// <param name="edges">Pairs of nodes, in any order and as often as they come.</param>
    /// <exception cref="ArgumentOutOfRangeException">An edge leads to no node.</exception>
    public Adjacency(int nodes, IEnumerable<(int From, int To)> edges)
    {
        var distinct = edges.Where(edge => edge.From != edge.To);
        var (begins, all) = Gather(nodes, distinct);
        (starts, var kept) = (new int[nodes + 1], 0);
        for (var node = 0; node < nodes; node++)
        {
            var row = all.AsSpan(begins[node]..begins[node + 1]);
            row.Sort();
            foreach (var neighbour in row)
            {
                if (kept == starts[node] || all[kept - 1] != neighbour)
                {
                    all[kept++] = neighbour;
                }
            }
            starts[node + 1] = kept;
        }
        neighbours = all[..kept];
    }

    /// <summary>How many edges there are.</summary>
    public int Edges => neighbours.Length / 2;

    /// <summary>A node's neighbours, ascending.</summary>
    public ReadOnlySpan<int> this[int node] => neighbours.AsSpan(starts[node]..starts[node + 1]);

    /// <summary>Whether an edge joins two nodes.</summary>
    public bool Joins(int node, int other) => this[node].BinarySearch(other) >= 0;

    /// <summary>Some of a node's neighbours, drawn without replacement (Floyd's algorithm: Bentley and Floyd 1987); all where they are not more.</summary>
    /// <param name="node">The node.</param>
    /// <param name="count">How many.</param>
    /// <param name="random">All chance comes from here.</param>
    /// <param name="except">A neighbour that is not drawn; -1 for none.</param>
    public IReadOnlyList<int> Sample(int node, int count, Random random, int except = -1)
    {
        var row = this[node];
        var hidden = row.BinarySearch(except);
        var (rest, drawn) = (row.Length - (hidden < 0 ? 0 : 1), new List<int>());
        for (var i = Math.Max(0, rest - count); i < rest; i++)
        {
            var place = rest > count ? random.Next(i + 1) : i;
            var neighbour = At(row, place);
            drawn.Add(drawn.Contains(neighbour) ? At(row, i) : neighbour);
        }
        return drawn;

        int At(ReadOnlySpan<int> row, int place) => row[hidden >= 0 && place >= hidden ? place + 1 : place];
    }

    /// <summary>Every node's neighbours as the edges give them, and where each node's begin.</summary>
    static (int[] Begins, int[] All) Gather(int nodes, IEnumerable<(int From, int To)> edges)
    {
        var begins = new int[nodes + 1];
        foreach (var (from, to) in edges)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)from, (uint)nodes, nameof(edges));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)to, (uint)nodes, nameof(edges));
            begins[from + 1]++;
            begins[to + 1]++;
        }
        for (var node = 0; node < nodes; node++)
        {
            begins[node + 1] += begins[node];
        }
        var (next, all) = (begins[..nodes], new int[begins[nodes]]);
        foreach (var (from, to) in edges)
        {
            all[next[from]++] = to;
            all[next[to]++] = from;
        }
        return (begins, all);
    }
}
