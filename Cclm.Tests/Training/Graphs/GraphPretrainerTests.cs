using Cclm.Training;
using Cclm.Training.Data;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Cclm.Tests.Training.Graphs;

/// <summary>What is read around a node, and what is never read.</summary>
[Parallelizable]
public sealed class GraphPretrainerTests : TorchFixture
{
    const int Count = 60;

    static readonly string[] Texts = [.. Enumerable.Range(0, Count).Select(i => $"{SmallParts.Text(4 + (i % 9), new(i))} {(char)('a' + (i % 26))}{(char)('a' + (i / 26))}")];

    /// <summary>A ring, with chords to a few nodes that so have many neighbours.</summary>
    static readonly TextGraph Graph = new(Texts, [.. Enumerable.Range(0, Count).SelectMany(i => ((int, int)[])[(i, (i + 1) % Count), (i * 7 % 5, i), (i, i)])],
        [.. Enumerable.Range(0, Count).Select(i => i % 4 == 3 ? null : i % 2 == 0 ? "even" : "odd")]);

    static readonly Func<string, bool> HeldOut = text => Corpus.IsHeldOut(text, 300);

    static readonly TrainingOptions Options = new() { Steps = 9, BatchSize = 5, ReportEvery = 2, CheckpointEvery = 4 };

    static readonly Dictionary<string, Func<Embedder, Tower, GraphOptions, Pretrainer<GraphNode>>> Kinds = new()
    {
        ["labels"] = (embedder, tower, options) => new NodePretrainer("t", SmallParts.Preprocessor, embedder, tower, Graph, options, HeldOut),
        ["edges"] = (embedder, tower, options) => new EdgePretrainer("t", SmallParts.Preprocessor, embedder, tower, Graph, options, HeldOut),
    };

    static IEnumerable<string> KindNames => Kinds.Keys;

    static List<GraphNode> Nodes(bool heldOut) => [.. Graph.Nodes.Read().Select(row => row.Row).Where(node => HeldOut(node.Text) == heldOut)];

    /// <summary>Nodes that either task can be asked about while training.</summary>
    static List<GraphNode> Asked => [.. Nodes(heldOut: false).Where(node => node.Label is not null && Graph.Neighbours[node.Id].ToArray().Any(other => !HeldOut(Texts[other])))];

    [Test]
    public void WhatIsDrawnIsAsManyAsSaidAtEachDistanceAndIsJoined()
    {
        foreach (var node in Enumerable.Range(0, Count))
        {
            var around = Neighbourhood.Draw(Graph.Neighbours, node, null, [3, 2], new(node));
            Assert.That(around, Is.EqualTo(Neighbourhood.Draw(Graph.Neighbours, node, null, [3, 2], new(node))).Using<Neighbourhood>((a, b) => a.Nodes.SequenceEqual(b.Nodes) && a.Messages.SequenceEqual(b.Messages)));
            Assert.That(around.Nodes, Is.Unique);
            Assert.That(around.Nodes[0], Is.EqualTo(node));
            Assert.That(around.Messages.All(message => Graph.Neighbours.Joins(around.Nodes[message.From], around.Nodes[message.To])));
            Assert.That(around.Degrees, Is.EqualTo(around.Nodes.Select(one => Graph.Neighbours[one].Length)));
            var near = around.Messages.Where(message => message.To == 0).Select(message => message.From).ToList();
            Assert.That(near, Has.Count.EqualTo(Math.Min(3, Graph.Neighbours[node].Length)));
            foreach (var next in Enumerable.Range(0, around.Nodes.Count).Skip(1))
            {
                var expected = near.Contains(next) ? Math.Min(2, Graph.Neighbours[around.Nodes[next]].Length) : 0;
                Assert.That(around.Messages.Count(message => message.To == next), Is.EqualTo(expected));
            }
        }
    }

    [Test]
    public void NoMessagePassesOverTheEdgeThatIsAskedAbout()
    {
        var asked = 0;
        foreach (var (node, other) in Graph.Edges.Where(edge => edge.From != edge.To))
        {
            var around = Neighbourhood.Draw(Graph.Neighbours, node, other, [50, 50], new(1));       // all there are
            Assert.That(around.Nodes.Take(2), Is.EqualTo(new[] { node, other }));
            Assert.That(around.Messages, Has.None.EqualTo((0, 1)).And.None.EqualTo((1, 0)));
            Assert.That(around.Degrees.Take(2), Is.EqualTo(new[] { Graph.Neighbours[node].Length - 1, Graph.Neighbours[other].Length - 1 }));
            Assert.That(around.Messages.Count(message => message.To == 0), Is.EqualTo(Graph.Neighbours[node].Length - 1));
            asked++;
        }
        Assert.That(asked, Is.GreaterThan(Count));
    }

    [TestCaseSource(nameof(KindNames))]
    public void NothingThatIsHeldOutIsReadWhileTraining(string kind)
    {
        var embedder = SmallParts.Embedder();
        using var pretrainer = Kinds[kind](embedder, SmallParts.Tower(embedder), new() { FanOuts = [50, 50] });
        Assert.That(Nodes(heldOut: true), Has.Count.GreaterThan(8));
        foreach (var node in Asked)
        {
            var read = ((GraphExample)pretrainer.Example(node, new(1))).Around.Nodes;
            Assert.That(read.Where(one => HeldOut(Texts[one])), Is.Empty);
        }
    }

    [Test]
    public void NoMessagePassesOverAnEdgeThatIsHeldOutWhereEdgesAreMeasured()
    {
        var embedder = SmallParts.Embedder();
        using var pretrainer = Kinds["edges"](embedder, SmallParts.Tower(embedder), new() { FanOuts = [50, 50] });
        foreach (var node in Nodes(heldOut: true))
        {
            var around = ((GraphExample)pretrainer.Example(node, new(1))).Around;
            Assert.That(around.Nodes[0], Is.EqualTo(node.Id));
            Assert.That(around.Messages.Where(message => HeldOut(Texts[around.Nodes[message.From]]) || HeldOut(Texts[around.Nodes[message.To]])), Is.Empty);
        }
    }

    [Test]
    public void ATextThatSeveralOfABatchHaveIsReadOnceAndAnswersAsIfItWereReadForEach()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var embedder = SmallParts.Embedder();
        using var pretrainer = Kinds["labels"](embedder, SmallParts.Tower(embedder), new() { FanOuts = [3, 2] });
        pretrainer.SetTraining(false);
        var examples = Asked.Take(7).Select(node => pretrainer.Example(node, new(1))).ToList();
        var batch = Batch.Of(examples);
        Assert.That(batch.Texts, Is.LessThan(examples.Sum(example => example.Texts.Count)).And.EqualTo(examples.SelectMany(example => ((GraphExample)example).Around.Nodes).Distinct().Count()));
        var together = pretrainer.AnswerTo(batch).Output;
        var alone = cat([.. examples.Select(example => pretrainer.AnswerTo(Batch.Of([example])).Output)]);
        Assert.That(together.sub(alone).abs().max().item<float>(), Is.LessThan(1e-5));
    }

    [TestCaseSource(nameof(KindNames))]
    public void EveryWeightOfTheHeadReceivesAGradient(string kind)
    {
        foreach (var convolution in Enum.GetValues<GraphConvolution>())
        {
            using var scope = NewDisposeScope();
            var embedder = SmallParts.Embedder();
            using var pretrainer = Kinds[kind](embedder, SmallParts.Tower(embedder), new() { Convolution = convolution, Width = 12 });
            var batch = Batch.Of([.. Asked.Select(node => pretrainer.Example(node, new(node.Id)))]);
            pretrainer.LossOf(pretrainer.Read(batch), batch, smoothing: 0).Loss.backward();
            // GAT's attention to the node itself moves all of its scores alike where none is below 0, and may then have none.
            Assert.That(pretrainer.Modules.SelectMany(part => part.Module.named_parameters()).Where(weight => weight.parameter.grad is not { } gradient || gradient.count_nonzero().item<long>() == 0).Select(weight => weight.name), Is.Empty, $"{convolution}");
        }
    }

    [TestCaseSource(nameof(KindNames))]
    public void ARunThatWasStoppedEndsAsOneThatWasNot(string kind)
    {
        using TempFolder whole = new(), cut = new();
        var expected = Train(kind, new(whole.Path), 1, CancellationToken.None);
        using var stop = new CancellationTokenSource();
        Train(kind, new(cut.Path), 1, stop.Token, () => stop.Cancel());
        Assert.That(new RunFolder(cut.Path).Newest()!.State.Step, Is.InRange(1, Options.Steps - 1));
        Assert.That(Train(kind, new(cut.Path), 2, CancellationToken.None), Is.EqualTo(expected));
    }

    static (string, string) Train(string kind, RunFolder folder, int seed, CancellationToken cancellation, Action? progress = null)
    {
        var embedder = SmallParts.Embedder(seed);
        var tower = SmallParts.Tower(embedder);
        using var pretrainer = Kinds[kind](embedder, tower, new() { FanOuts = [3, 2], Width = 12, Augmentor = Augmentors.Typos(0.1) });
        pretrainer.Train(Nodes(heldOut: false), Options, Nodes(heldOut: true), folder, new Stop(progress), cancellation);
        return (embedder.WeightsHash(), tower.WeightsHash());
    }

    sealed class Stop(Action? act) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => act?.Invoke();
    }
}
