using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Data;

public sealed class RowSourceTests
{
    TempFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = new();

    [TearDown]
    public void DeleteFolder() => folder.Dispose();

    [TestCase(0)]
    [TestCase(3)]
    [TestCase(11)]
    public void RowsUntilAnEndThatNeverComesAreTheSame(int from)
    {
        var files = Enumerable.Range(0, 5).Select(i => folder.Write($"{i}.txt", $"a{i}\nb{i}\n")).ToArray();
        var source = Corpus.Open(new() { Paths = files });
        var until = source.Until(CancellationToken.None);

        Assert.That(until.Read(from), Is.EqualTo(source.Read(from)));
        Assert.That(until.InEpoch(1, 2).Read(from), Is.EqualTo(source.InEpoch(1, 2).Read(from)));
        Assert.That(until.InEpoch(1, 2).Read(), Is.Not.EqualTo(source.Read()), "another order");
        Assert.That(until.InMemory, Is.False);
        Assert.That(RowSource.Of([1, 2]).Until(CancellationToken.None).InMemory);
    }

    [Test]
    public void ReadingEndsWhereItIsCancelled([Values] bool inEpoch)
    {
        using var end = new CancellationTokenSource();
        var rows = RowSource.Of([.. Enumerable.Range(0, 7)]).Until(end.Token);
        rows = inEpoch ? rows.InEpoch(1, 0) : rows;
        List<int> read = [];

        Assert.That(() =>
        {
            foreach (var (_, row) in rows.Read())
            {
                read.Add(row);
                if (row == 2)
                {
                    end.Cancel();
                }
            }
        }, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(read, Is.EqualTo((int[])[0, 1, 2]));
        Assert.That(() => rows.Read().First(), Throws.InstanceOf<OperationCanceledException>());
    }

    [TestCase(5, 3, true)]
    [TestCase(5, 4, false)]
    [TestCase(0, 3, true)]
    [TestCase(0, 4, false)]
    public void ARowInMemoryCountsAsThirtyTwoCharactersMore(int length, int rows, bool held)
    {
        var source = Corpus.Open(new() { Paths = [folder.Write("a.txt", string.Concat(Enumerable.Repeat("a line\n", rows)))] });

        Assert.That(source.HeldInMemory(_ => length, most: 3 * (length + 32)).InMemory, Is.EqualTo(held));
    }
}
