using System.Runtime.CompilerServices;
using Cclm.Inference;
using Cclm.Tests.Inference;

namespace Cclm.Tests.Samples;

/// <summary>A model whose runs begin when they are let.</summary>
sealed class HeldModel : IDisposable
{
    readonly ManualResetEventSlim open = new(true);
    int runs;

    public HeldModel(CclmModelOptions? options = null)
    {
        options ??= new();
        options.Threads = 1;        // one batch at a time
        options = options.For(ExecutionProvider.Cpu);
        Model = new TinyModel().Load(options);
        Queue(Model) = new BatchQueue(options, () =>
        {
            Interlocked.Increment(ref runs);
            open.Wait();
            return Enter(Model);
        });
    }

    public CclmModel Model { get; }

    /// <summary>How often a run was begun.</summary>
    public int Runs => Volatile.Read(ref runs);

    public void Hold() => open.Reset();

    public void Release() => open.Set();

    /// <summary>Waits for a run that has begun and is held.</summary>
    public async Task WhenRunningAsync(Task request)
    {
        while (Runs == 0)
        {
            if (request.IsCompleted)
            {
                await request;
                throw new InvalidOperationException("The request was answered without a run.");
            }
            await Task.Delay(1);
        }
    }

    /// <summary>Waits until so many ids wait behind the run that is held.</summary>
    public async Task WhenWaitingAsync(int ids)
    {
        while (Pending(Queue(Model)).Cost < ids)
        {
            await Task.Delay(1);
        }
    }

    public void Dispose()
    {
        open.Set();
        Model.Dispose();
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "queue")]
    static extern ref BatchQueue Queue(CclmModel model);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "pending")]
    static extern ref PendingTexts Pending(BatchQueue queue);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "Enter")]
    static extern LoadedCall Enter(CclmModel model);
}
