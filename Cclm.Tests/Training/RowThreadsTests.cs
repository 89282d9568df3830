using Cclm.Training;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Cclm.Tests.Training;

/// <summary>Threads that work side by side.</summary>
[Parallelizable]
public sealed class RowThreadsTests : TorchFixture
{
    [TestCase(2), TestCase(5)]
    public void ANumberIsAlwaysDoneOnOneThreadWhoseOperatorsAreItsOwn(int count)
    {
        using var threads = new RowThreads(count);
        var names = new string?[3, count];
        var operators = new int[count];
        for (var turn = 0; turn < 3; turn++)
        {
            var row = turn;
            threads.Each(count, i =>
            {
                using var sum = ones(300_000).sum();
                (names[row, i], operators[i]) = (Thread.CurrentThread.Name, get_num_threads());
            });
        }
        for (var i = 0; i < count; i++)
        {
            Assert.That((names[1, i], names[2, i]), Is.EqualTo((names[0, i], names[0, i])));
        }
        Assert.That(Enumerable.Range(0, count).Select(i => names[0, i]), Is.Unique);
        Assert.That(operators, Is.All.EqualTo(1));
        Assert.That(get_num_threads(), Is.EqualTo(count), "The caller's operators have as many as before.");
    }

    [Test]
    public void AnErrorComesOutOnceAllHaveEndedAndTheThreadsGoOn()
    {
        using var threads = new RowThreads(3);
        var done = new bool[3];
        Assert.That(() => threads.Each(3, i =>
        {
            if (i == 1)
            {
                throw new InvalidDataException("of the second");
            }
            Thread.Sleep(50);
            done[i] = true;
        }), Throws.TypeOf<InvalidDataException>().With.Message.EqualTo("of the second"));
        Assert.That(done, Is.EqualTo((bool[])[true, false, true]));
        threads.Each(2, i => done[i] = false);
        Assert.That(done, Is.EqualTo((bool[])[false, false, true]), "Fewer than there are is fine, too.");
    }

    [OneTimeTearDown]
    public void OneThreadAgain() => set_num_threads(1);
}
