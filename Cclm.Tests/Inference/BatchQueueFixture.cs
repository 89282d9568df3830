using Cclm.Inference;
using NUnit.Framework;

namespace Cclm.Tests.Inference;

/// <summary>A queue on a small model, whose batches begin when they are let.</summary>
public abstract class BatchQueueFixture
{
    private protected readonly TinyModel tiny = new();
    private protected readonly ManualResetEventSlim open = new(true);
    private protected LoadedModel model = null!;
    private protected Action entered = () => { };
    private protected int runs;

    [SetUp]
    public void Load()
    {
        model = ModelLoader.Load("tiny", settings => new(tiny.Bytes(), settings), new(), null);
        (runs, entered) = (0, () => { });
        open.Set();
    }

    [TearDown]
    public void Free() => model.Dispose();

    /// <summary>A queue whose batches begin when they are let.</summary>
    private protected BatchQueue Queue(CclmModelOptions? options = null, TimeSpan? rest = null) => new(Resolved(options), () =>
    {
        Interlocked.Increment(ref runs);
        entered();
        open.Wait();
        Assert.That(model.Gate.TryEnter());
        return new(model);
    }, rest);

    private protected static CclmModelOptions Resolved(CclmModelOptions? options) => (options ?? new() { Threads = 1 }).For(ExecutionProvider.Cpu);

    private protected PendingCall<float[]> Call(params string[] texts) => new(texts, contract => Readings.Vectors(contract, null), model.Contract, Readings.Vectors(model.Contract, null));

    /// <summary>A call that is inside the model and stays there.</summary>
    private protected async Task<Task<float[][]>> HeldAsync(BatchQueue queue)
    {
        open.Reset();
        var held = queue.RunAsync(Call("held"), default);
        while (Volatile.Read(ref runs) == 0)
        {
            Assert.That(held.IsCompleted, Is.False);
            await Task.Delay(1);
        }
        return held;
    }
}
