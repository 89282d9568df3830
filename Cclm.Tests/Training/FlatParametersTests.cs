using Cclm.Training;
using NUnit.Framework;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Cclm.Tests.Training;

/// <summary>The optimizer does what AdamW does, in the processor's memory and by libtorch's operators.</summary>
[TestFixture(false), TestFixture(true)]
[Parallelizable]
public sealed class FlatParametersTests(bool byOperators) : TorchFixture
{
    const double Rate = 0.01, Decay = 0.1, Clip = 0.3;

    [TestCase(3, 2), TestCase(1, 1), TestCase(7, 5), TestCase(301, 257), TestCase(1_100, 1_001)]     // the last two are of more than one chunk, and of enough for several threads
    public void StepsAreThoseOfAdamW(int inputs, int outputs)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        var ours = nn.Linear(inputs, outputs);
        var (weight, bias) = (nn.Parameter(ours.weight!.detach().clone()), nn.Parameter(ours.bias!.detach().clone()));
        using var optimizer = new FlatParameters([new([.. ours.parameters()])], byOperators: byOperators);
        using AdamW decaying = optim.AdamW([weight], lr: Rate, weight_decay: Decay), staying = optim.AdamW([bias], lr: Rate, weight_decay: 0);
        for (var step = 0; step < 5; step++)
        {
            var x = randn(4, inputs);
            SquaresOf(ours.call(x)).backward();
            optimizer.Step(Rate, Decay, Clip);
            decaying.zero_grad();
            staying.zero_grad();
            SquaresOf(nn.functional.linear(x, weight, bias)).backward();
            nn.utils.clip_grad_norm_([weight, bias], Clip);
            decaying.step();
            staying.step();
        }
        Assert.That(Difference(ours.weight!, weight), Is.LessThan(1e-5), "Weights decay,");
        Assert.That(Difference(ours.bias!, bias), Is.LessThan(1e-5), "biases do not.");
    }

    [Test]
    public void WhatHasNoGradientStays()
    {
        using var scope = NewDisposeScope();
        var linear = nn.Linear(3, 2);
        using var optimizer = new FlatParameters([new([.. linear.parameters()])], byOperators: byOperators);
        linear.call(ones(1, 3)).sum().backward();
        optimizer.Step(Rate, Decay, Clip);
        var (weight, bias) = (linear.weight!.detach().clone(), linear.bias!.detach().clone());
        linear.call(tensor(new float[] { 1, 0, 1 }).view(1, 3)).sum().backward();       // the second column of weights has a gradient of 0
        optimizer.Step(Rate, Decay, Clip);
        var moved = linear.weight!.ne(weight).cpu().data<bool>().ToArray();
        Assert.That(moved, Is.EqualTo((bool[])[true, false, true, true, false, true]));
        Assert.That(linear.bias!.ne(bias).all().item<bool>(), Is.True);
    }

    /// <summary>A table that gives gradients of rows, beside one that gives whole ones: the same but for the rate, which a table's rows have ten times.</summary>
    [TestCase(1), TestCase(3)]
    public void RowsOfATableMoveAsIfAllOfItHadAGradient(int batches)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        var (rows, whole) = (nn.Embedding(9, 5, sparse: true), nn.Embedding(9, 5));
        using (no_grad())
        {
            rows.weight!.copy_(whole.weight!);
        }
        using FlatParameters ours = new([new([.. rows.parameters()])], byOperators: byOperators), peer = new([new([.. whole.parameters()])], byOperators: byOperators);
        var before = rows.weight!.detach().clone();
        var (read, target) = (tensor(new long[] { 4, 2, 4, 4, 7, 2, 0 }), randn(7, 5));
        for (var step = 0; step < 4; step++)
        {
            for (var batch = 0; batch < batches; batch++)
            {
                nn.functional.mse_loss(rows.call(read), target).backward();
                nn.functional.mse_loss(whole.call(read), target).backward();
            }
            ours.Step(Rate, Decay, Clip);
            peer.Step(Rate * 10, Decay / 10, Clip);
        }
        Assert.That(Difference(rows.weight!, whole.weight!), Is.LessThan(1e-5));
        var moved = rows.weight!.ne(before).any(1).data<bool>().ToArray();
        Assert.That(moved, Is.EqualTo(Enumerable.Range(0, 9).Select(row => row is 0 or 2 or 4 or 7).ToArray()), "Rows that no batch has read stay.");
    }

    /// <summary>Tables whose vectors are added up, as those of n-grams are, get one gradient from libtorch, in one memory.</summary>
    [TestCase(1), TestCase(3)]
    public void TablesThatHaveAGradientInCommonMoveAsIfEachHadItsOwn(int batches)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        Embedding[] rows = [nn.Embedding(9, 5, sparse: true), nn.Embedding(6, 5, sparse: true), nn.Embedding(3, 5, sparse: true)];
        Embedding[] whole = [nn.Embedding(9, 5), nn.Embedding(6, 5), nn.Embedding(3, 5)];
        using (no_grad())
        {
            foreach (var (one, other) in rows.Zip(whole))
            {
                one.weight!.copy_(other.weight!);
            }
        }
        static IReadOnlyList<Parameter> All(Embedding[] tables) => [.. tables.SelectMany(table => table.parameters())];
        using FlatParameters ours = new([new(All(rows))], byOperators: byOperators), peer = new([new(All(whole))], byOperators: byOperators);
        Tensor[] read = [tensor(new long[] { 4, 2, 4, 4, 7, 2, 0 }), tensor(new long[] { 1, 1, 5, 0, 5, 1, 1 }), tensor(new long[] { 0, 2, 0, 2, 0, 0, 2 })];
        var target = randn(7, 5);
        Tensor Sum(Embedding[] tables) => tables.Zip(read, (table, ids) => table.call(ids)).Aggregate((sum, vectors) => sum.Plus(vectors));
        for (var step = 0; step < 4; step++)
        {
            for (var batch = 0; batch < batches; batch++)
            {
                nn.functional.mse_loss(Sum(rows), target).backward();
                nn.functional.mse_loss(Sum(whole), target).backward();
            }
            ours.Step(Rate, Decay, Clip);
            peer.Step(Rate * 10, Decay / 10, Clip);
        }
        foreach (var (one, other) in rows.Zip(whole))
        {
            Assert.That(Difference(one.weight!, other.weight!), Is.LessThan(1e-5));
        }
    }

    [Test]
    public void GradientsThatRanksSumHaveThoseOfTables()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        var table = nn.Embedding(9, 5, sparse: true);
        var twin = nn.Embedding(9, 5, sparse: true);
        using (no_grad())
        {
            twin.weight!.copy_(table.weight!);
        }
        using FlatParameters summed = new([new([.. table.parameters()])], byOperators: byOperators), alone = new([new([.. twin.parameters()])], byOperators: byOperators);
        for (var step = 0; step < 3; step++)
        {
            var read = tensor(new long[] { step, 4, 4 });
            foreach (var each in (Embedding[])[table, twin])
            {
                SquaresOf(each.call(read)).backward();
            }
            var gradient = summed.WholeGradients().view(9, 5).abs().sum(1).gt(Scalars.Kept(0)).data<bool>().ToArray();
            Assert.That(gradient, Is.EqualTo(Enumerable.Range(0, 9).Select(row => row == step || row == 4).ToArray()));
            summed.Step(Rate, Decay, Clip);
            alone.Step(Rate, Decay, Clip);
        }
        Assert.That(Difference(table.weight!, twin.weight!), Is.LessThan(1e-6));
    }

    static Tensor SquaresOf(Tensor x) => nn.functional.mse_loss(x, zeros_like(x), nn.Reduction.Sum);

    static float Difference(Tensor one, Tensor other) => one.sub(other).abs().max().item<float>();
}
