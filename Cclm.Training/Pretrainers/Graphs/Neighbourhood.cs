using Cclm.Training.Data;

namespace Cclm.Training;

/// <summary>Nodes that are asked about, some of those around them, and the edges that messages pass over (Hamilton et al. 2017, section 3.1).</summary>
/// <param name="Nodes">The nodes, each once; those that are asked about come first.</param>
/// <param name="Messages">From a neighbour to the node that it was drawn for, by their places in <paramref name="Nodes"/>.</param>
/// <param name="Degrees">How many neighbours each node has in the whole graph, drawn or not.</param>
public sealed record Neighbourhood(IReadOnlyList<int> Nodes, IReadOnlyList<(int From, int To)> Messages, IReadOnlyList<int> Degrees)
{
    /// <summary>Draws neighbours: some of those that are asked about, then some of each of these, and so on.</summary>
    /// <remarks>What an edge's two ends are asked about is that edge: no message passes over it, in either direction, and it does not count as theirs.</remarks>
    /// <param name="graph">The edges that messages may pass over.</param>
    /// <param name="node">The node that is asked about.</param>
    /// <param name="other">The other end of the edge that is asked about; null where a node is.</param>
    /// <param name="fanOuts">The most neighbours of a node, at each distance.</param>
    /// <param name="random">All chance comes from here.</param>
    public static Neighbourhood Draw(Adjacency graph, int node, int? other, IReadOnlyList<int> fanOuts, Random random)
    {
        var nodes = new List<int>(other is { } end ? [node, end] : [node]);
        var places = nodes.Index().ToDictionary(known => known.Item, known => known.Index);
        var messages = new List<(int, int)>();
        var first = 0;
        foreach (var count in fanOuts)
        {
            var reached = nodes.Count;
            for (var to = first; to < reached; to++)
            {
                foreach (var neighbour in graph.Sample(nodes[to], count, random, Hidden(nodes[to])))
                {
                    if (places.TryAdd(neighbour, nodes.Count))
                    {
                        nodes.Add(neighbour);
                    }
                    messages.Add((places[neighbour], to));
                }
            }
            first = reached;
        }
        return new(nodes, messages, [.. nodes.Select(one => graph[one].Length - (graph.Joins(one, Hidden(one)) ? 1 : 0))]);

        int Hidden(int one) => one == node ? other ?? -1 : one == other ? node : -1;
    }
}
