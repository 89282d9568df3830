using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

public sealed class AdjacencyTests
{
    const int Nodes = 23;

    /// <summary>Edges by chance: in both directions, twice, and from nodes to themselves; node 22 has none.</summary>
    static readonly (int From, int To)[] Edges = [.. Chance(seed: 1).Take(90), (3, 3), (5, 9), (9, 5), (5, 9)];

    static readonly HashSet<(int, int)> Joined = [.. Edges.Where(edge => edge.From != edge.To).SelectMany(edge => ((int, int)[])[edge, (edge.To, edge.From)])];

    static readonly Adjacency Graph = new(Nodes, Edges);

    [Test]
    public void NeighboursAreThoseOfEitherDirectionOnceInOrder()
    {
        Assert.That(Graph.Edges, Is.EqualTo(Joined.Count / 2));
        foreach (var node in Enumerable.Range(0, Nodes))
        {
            Assert.That(Graph[node].ToArray(), Is.EqualTo(Enumerable.Range(0, Nodes).Where(other => Joined.Contains((node, other)))));
            Assert.That(Enumerable.Range(0, Nodes).Where(other => Graph.Joins(node, other)), Is.EqualTo(Graph[node].ToArray()));
        }
        Assert.That(Graph[Nodes - 1].IsEmpty);
    }

    [Test]
    public void DrawnAreDifferentNeighboursAsManyAsAskedForAndNotTheOneExcepted([Values(1, 2, 3, 7, 50)] int count, [Values(-1, 0, 9, 21)] int except)
    {
        var random = new Random(4);
        foreach (var node in Enumerable.Range(0, Nodes))
        {
            var may = Graph[node].ToArray().Except([except]).ToList();
            var drawn = Graph.Sample(node, count, random, except);
            Assert.That(drawn, Is.Unique);
            Assert.That(drawn, Is.SubsetOf(may));
            Assert.That(drawn, Has.Count.EqualTo(Math.Min(count, may.Count)));
        }
    }

    [Test]
    public void OneSeedDrawsTheSameAndEachNeighbourIsDrawnAsOften()
    {
        var star = new Adjacency(8, Enumerable.Range(1, 7).Select(i => (i, 0)));
        var (first, second, counts) = (new Random(5), new Random(5), new int[8]);
        for (var i = 0; i < 7000; i++)
        {
            var drawn = star.Sample(0, 3, first, except: 4);
            Assert.That(drawn, Is.EqualTo(star.Sample(0, 3, second, except: 4)));
            drawn.ToList().ForEach(node => counts[node]++);
        }
        Assert.That(counts.Where((_, node) => node is not (0 or 4)), Has.All.InRange(3350, 3650), "3 of 6, 7,000 times");
    }

    [TestCase(0, 5)]
    [TestCase(-1, 0)]
    public void AnEdgeToNoNodeIsAnError(int from, int to) => Assert.That(() => new Adjacency(5, [(from, to)]), Throws.TypeOf<ArgumentOutOfRangeException>());

    static IEnumerable<(int, int)> Chance(int seed)
    {
        var random = new Random(seed);
        while (true)
        {
            yield return (random.Next(Nodes - 1), random.Next(Nodes - 1));
        }
    }
}
