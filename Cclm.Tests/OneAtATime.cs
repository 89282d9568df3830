using NUnit.Framework;

[assembly: LevelOfParallelism(64)]      // those that wait for their turn hold a thread, and no processor

namespace Cclm.Tests;

/// <summary>Fixtures that run beside others, and one after another among themselves.</summary>
public abstract class OneAtATime(SemaphoreSlim turn)
{
    [OneTimeSetUp]
    public void TakeTurn() => turn.Wait();

    [OneTimeTearDown]
    public void GiveTurn() => turn.Release();
}

/// <summary>Torch in this process: the seed and the thread count are the process's.</summary>
public abstract class TorchFixture() : OneAtATime(Turn)
{
    static readonly SemaphoreSlim Turn = new(1, 1);

    [OneTimeSetUp]
    public void OneThread() => TorchSharp.torch.set_num_threads(1);

    /// <summary>Does something with so many threads, and has one again.</summary>
    public static T WithThreads<T>(int count, Func<T> work)
    {
        TorchSharp.torch.set_num_threads(count);
        try
        {
            return work();
        }
        finally
        {
            TorchSharp.torch.set_num_threads(1);
        }
    }

    /// <summary>Runs a part of another fixture in its turn.</summary>
    public static void InTurn(Action act)
    {
        Turn.Wait();
        try
        {
            act();
        }
        finally
        {
            Turn.Release();
        }
    }
}

/// <summary>Commands in processes of their own, which keep a processor busy.</summary>
public abstract class CommandFixture() : OneAtATime(Turn)
{
    static readonly SemaphoreSlim Turn = new(1, 1);
}
