using Cclm.Training;
using Cclm.Training.Data;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Cclm.Tests.Training.Graphs;

/// <summary>Each convolution against its paper's formula on the matrices of the whole graph, number by number.</summary>
[Parallelizable]
public sealed class GraphLayerTests : TorchFixture
{
    const int Nodes = 7, Input = 5, Width = 8;

    /// <summary>Node 6 has no neighbour, node 0 has most.</summary>
    static readonly Adjacency Graph = new(Nodes, [(0, 1), (0, 2), (0, 3), (0, 4), (1, 2), (3, 5)]);

    static readonly Dictionary<GraphConvolution, Func<double[,], Func<string, double[,]>, double[,]>> Formulas = new()
    {
        // D^-1/2 (A + I) D^-1/2 X W
        [GraphConvolution.Gcn] = (x, weights) => Rows((u, c) => weights("weight.bias")[0, c] + Sum(Nodes, v =>
            A(u, v, own: true) / Math.Sqrt((Graph[u].Length + 1) * (Graph[v].Length + 1)) * Product(x, v, weights("weight.weight"), c))),
        // X W + D^-1 A X W'
        [GraphConvolution.Sage] = (x, weights) => Rows((u, c) => weights("own.bias")[0, c] + Product(x, u, weights("own.weight"), c) + Sum(Nodes, v =>
            A(u, v, own: false) / Math.Max(1, Graph[u].Length) * Product(x, v, weights("neighbours.weight"), c))),
        // softmax over v of LeakyReLU(a . W x_v + b . W x_u), then that much of W x_v; 4 heads of 2
        [GraphConvolution.Gat] = (x, weights) => Rows((u, c) =>
        {
            var head = c / 2;
            double Score(int v) => Sum(2, d => (weights("from")[head, d] * Product(x, v, weights("weight.weight"), (2 * head) + d)) + (weights("to")[head, d] * Product(x, u, weights("weight.weight"), (2 * head) + d)));
            double Weight(int v) => A(u, v, own: true) * Math.Exp(Score(v) > 0 ? Score(v) : 0.2 * Score(v));
            return weights("bias")[0, c] + Sum(Nodes, v => Weight(v) / Sum(Nodes, Weight) * Product(x, v, weights("weight.weight"), c));
        }),
    };

    static IEnumerable<GraphConvolution> Kinds => Formulas.Keys;

    [SetUp]
    public void Seed() => random.manual_seed(3);

    [TestCaseSource(nameof(Kinds))]
    public void ALayerIsItsFormula(GraphConvolution kind)
    {
        using var scope = NewDisposeScope();
        using var layer = GraphLayer.Of(kind, Input, Width);
        layer.named_parameters().Where(weight => weight.name == "bias").ToList().ForEach(weight => nn.init.normal_(weight.parameter));
        var x = randn(Nodes, Input);
        var expected = Formulas[kind](Numbers(x), name => Numbers(layer.get_parameter(name)!.detach()));
        Assert.That(Numbers(layer.call(x, Whole(1)).detach()).Cast<double>(), Is.EqualTo(expected.Cast<double>()).Within(1e-5));
    }

    [TestCaseSource(nameof(Kinds))]
    public void NeighbourhoodsSideBySideDoNotMix(GraphConvolution kind)
    {
        using var scope = NewDisposeScope();
        using var layer = GraphLayer.Of(kind, Input, Width);
        var x = randn(3 * Nodes, Input);
        var together = layer.call(x, Whole(3));
        var alone = cat([.. x.split(Nodes).Select(part => layer.call(part, Whole(1)))]);
        Assert.That(Numbers(together.detach()).Cast<double>(), Is.EqualTo(Numbers(alone.detach()).Cast<double>()).Within(1e-6));
    }

    [TestCaseSource(nameof(Kinds))]
    public void EveryWeightAndEveryNodeReceivesAGradient(GraphConvolution kind)
    {
        using var scope = NewDisposeScope();
        using var layer = GraphLayer.Of(kind, Input, Width);
        var x = randn(Nodes, Input, requires_grad: true);
        var y = layer.call(x, Whole(1));
        y.mul(randn_like(y)).sum().backward();
        var gradients = layer.named_parameters().Select(weight => (weight.name, weight.parameter.grad)).Append(("x", x.grad)).ToList();
        Assert.That(gradients.Where(weight => weight.Item2 is null || weight.Item2.abs().amax([-1]).eq(Scalars.Kept(0)).any().item<bool>()).Select(weight => weight.Item1), Is.Empty);
    }

    [TestCaseSource(nameof(Kinds))]
    public void LargeNumbersStayNumbers(GraphConvolution kind)
    {
        using var scope = NewDisposeScope();
        using var layer = GraphLayer.Of(kind, Input, Width);
        var x = randn(Nodes, Input, requires_grad: true);
        var y = layer.call(x.mul(Scalars.Kept(1e6)), Whole(1));
        y.sum().backward();
        Assert.That(y.isfinite().all().item<bool>() && x.grad!.isfinite().all().item<bool>());
    }

    /// <summary>What is drawn of a node's neighbours stands for all of them: over many draws the sum of GCN, and the mean of GraphSAGE, are those of all.</summary>
    [TestCase(GraphConvolution.Gcn)]
    [TestCase(GraphConvolution.Sage)]
    public void DrawnNeighboursAreRightInTheMean(GraphConvolution kind)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        using var layer = GraphLayer.Of(kind, Input, Width);
        var (x, chance, sum) = (randn(Nodes, Input), new Random(2), zeros(Width));
        const int Draws = 3000;
        for (var i = 0; i < Draws; i++)
        {
            using var one = NewDisposeScope();
            var around = Neighbourhood.Draw(Graph, 0, null, [2], chance);
            sum.add_(layer.call(x[tensor(around.Nodes.Select(node => (long)node).ToArray())], Messages.Of([around], 1, CPU))[0], Scalars.One);
        }
        var whole = layer.call(x, Whole(1))[0];
        Assert.That(sum.div(Scalars.Kept(Draws)).data<float>().ToArray(), Is.EqualTo(whole.data<float>().ToArray()).Within(0.03));
    }

    /// <summary>The whole graph so many times.</summary>
    static Messages Whole(int copies)
    {
        var nodes = Enumerable.Range(0, Nodes).ToList();
        var all = new Neighbourhood(nodes, [.. nodes.SelectMany(to => Graph[to].ToArray().Select(from => (from, to)))], [.. nodes.Select(node => Graph[node].Length)]);
        return Messages.Of([.. Enumerable.Repeat(all, copies)], 1, CPU);
    }

    static double A(int u, int v, bool own) => Graph.Joins(u, v) || (own && u == v) ? 1 : 0;

    static double Product(double[,] x, int node, double[,] weight, int channel) => Sum(Input, i => x[node, i] * weight[channel, i]);

    static double Sum(int count, Func<int, double> term) => Enumerable.Range(0, count).Sum(term);

    static double[,] Rows(Func<int, int, double> value)
    {
        var rows = new double[Nodes, Width];
        foreach (var (node, channel) in Enumerable.Range(0, Nodes).SelectMany(node => Enumerable.Range(0, Width).Select(channel => (node, channel))))
        {
            rows[node, channel] = value(node, channel);
        }
        return rows;
    }

    static double[,] Numbers(Tensor values)
    {
        var matrix = values.dim() == 1 ? values.unsqueeze(0) : values;
        var (numbers, flat) = (new double[matrix.shape[0], matrix.shape[1]], matrix.contiguous().data<float>().ToArray());
        for (var i = 0; i < flat.Length; i++)
        {
            numbers[i / matrix.shape[1], i % matrix.shape[1]] = flat[i];
        }
        return numbers;
    }
}
