using Cclm.Training;
using Cclm.Training.Data;
using NUnit.Framework;

namespace Cclm.Tests.Training;

public sealed class BatchStreamTests
{
    static readonly TrainingOptions Options = new() { BatchSize = 7, ShuffleBuffer = 100 };

    static IEnumerable<TestCaseData> Sources =>
        from rows in (int[])[1, 6, 7, 8, 99, 100, 101, 317]
        from inMemory in (bool[])[true, false]
        select new TestCaseData(rows, inMemory);

    [TestCaseSource(nameof(Sources))]
    public void EveryRowComesOnceAnEpochAndInAnotherOrderTheNext(int rows, bool inMemory)
    {
        var epochs = Stream(rows, inMemory).From(default).TakeWhile(batch => batch.Next.Epoch < 3)
            .GroupBy(batch => batch.Next is { Batch: 0, Row: 0 } end ? end.Epoch - 1 : batch.Next.Epoch, batch => batch.Batch.Numbers)
            .Take(2).Select(epoch => epoch.SelectMany(numbers => numbers).ToList()).ToList();
        Assert.That(epochs[0].Order(), Is.EqualTo(Enumerable.Range(0, rows)));
        Assert.That(epochs[1].Order(), Is.EqualTo(Enumerable.Range(0, rows)));
        if (rows > 8)
        {
            Assert.That(epochs[1], Is.Not.EqualTo(epochs[0]));
        }
    }

    [TestCaseSource(nameof(Sources))]
    public void AnyPositionGoesOnWithTheBatchesBehindIt(int rows, bool inMemory)
    {
        var all = Stream(rows, inMemory).From(default).Take(120).ToList();
        foreach (var start in (int[])[0, 1, 13, 14, 15, 46, 60, 99])
        {
            var rest = Stream(rows, inMemory).From(all[start].Next).Take(120 - start - 1).ToList();
            Assert.That(rest.Select(Describe), Is.EqualTo(all.Skip(start + 1).Select(Describe)), $"from batch {start + 1}");
        }

        static string Describe((Batch Batch, DataPosition Next) entry) => $"{string.Join(',', entry.Batch.Numbers)} {string.Join(',', entry.Batch.Ids)} {entry.Next}";
    }

    [Test]
    public void AFilteredSourceKeepsItsPlace()
    {
        var source = new Streamed(500).Where(row => row % 3 == 0);
        var stream = new BatchStream<int>(source, row => row, Encode, Options);
        var all = stream.From(default).Take(70).Select(batch => string.Join(',', batch.Batch.Numbers)).ToList();
        var half = stream.From(default).Skip(30).First().Next;
        Assert.That(stream.From(half).Take(39).Select(batch => string.Join(',', batch.Batch.Numbers)), Is.EqualTo(all.Skip(31)));
        Assert.That(all.Take(24).SelectMany(line => line.Split(',')).Select(int.Parse), Has.All.Matches<int>(row => row % 3 == 0));
    }

    [Test]
    public void TextsOfLikeLengthComeTogether()
    {
        var batches = new BatchStream<int>(RowSource.Of([.. Enumerable.Range(0, 7 * 32)]), row => row, Encode, Options).From(default).Take(32).ToList();
        Assert.That(batches, Has.All.Matches<(Batch Batch, DataPosition)>(entry => entry.Batch.Numbers.Max() - entry.Batch.Numbers.Min() == 6));
        Assert.That(batches.Select(entry => entry.Batch.Numbers[0]), Is.Not.Ordered, "The batches themselves are shuffled.");
    }

    [Test]
    public void AnErrorInTheDataIsTheReaders()
    {
        var broken = new Streamed(500).Select(row => row == 399 ? throw new InvalidDataException("line 400") : row);
        Assert.That(() => new BatchStream<int>(broken, row => row, Encode, Options).From(default).Take(100).Count(), Throws.TypeOf<InvalidDataException>().With.Message.Contains("line 400"));
        Assert.That(() => Stream(0, inMemory: false).From(default).First(), Throws.ArgumentException.With.Message.Contains("empty"));
    }

    [Test]
    public void NoMoreThanTheBuffersIsReadAhead()
    {
        var read = 0;
        var counted = new Streamed(100_000).Select(row => { read++; return row; });
        using var batches = new BatchStream<int>(counted, row => row, Encode, Options).From(default).GetEnumerator();
        for (var i = 0; i < 40; i++)
        {
            batches.MoveNext();
        }
        Thread.Sleep(100);      // as far ahead as it will go
        Assert.That(read, Is.InRange(280, 40 * 7 + 6 * Options.ShuffleBuffer));
    }

    static BatchStream<int> Stream(int rows, bool inMemory) =>
        new(inMemory ? RowSource.Of([.. Enumerable.Range(0, rows)]) : new Streamed(rows), row => row % 20, Encode, Options);

    static Example Encode(int row, Random random) => new([row, random.Next(1000)], [row]);

    sealed class Streamed(int rows) : RowSource<int>
    {
        public override IEnumerable<(long Number, int Row)> Read(long from) => Enumerable.Range((int)from, rows - (int)from).Select(row => ((long)row, row));
    }
}
