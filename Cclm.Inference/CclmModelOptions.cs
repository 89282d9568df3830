namespace Cclm.Inference;

/// <summary>How a <see cref="CclmModel"/> runs. Settable, so that it binds to configuration; a model reads it once, when it is loaded.</summary>
public class CclmModelOptions
{
    /// <summary>What to compute on; <see cref="CclmModel.Provider"/> says what is really used.</summary>
    public ExecutionProvider Provider { get; set; } = ExecutionProvider.Auto;

    /// <summary>The number of the CUDA device.</summary>
    public int CudaDevice { get; set; }

    /// <summary>The processors that batches are run on; 0 for all that the process may use. A container's CPU limit is respected.</summary>
    /// <remarks>A caller of a synchronous method with one batch runs it on its own thread, whatever their number.</remarks>
    public int Threads { get; set; }

    /// <summary>The threads that share the work of one batch.</summary>
    /// <remarks>
    /// Threads that share a batch wait for each other at every operator, so batches beside each other, of one thread each, give more in total,
    /// and a short text is answered sooner. More threads shorten a run of a large model or of long texts on a machine that has little else to do.
    /// </remarks>
    public int ThreadsPerRun { get; set; } = 1;

    /// <summary>The most characters of a batch, padding among them: rows times the longest length; 0 for 2,048 on the CPU and 32,768 on CUDA.</summary>
    /// <remarks>Bounds memory and delay where many texts are embedded; a text longer than this is a batch of its own.</remarks>
    public int BatchCharacters { get; set; }

    /// <summary>The most characters that wait for a batch; a call that would make them more fails at once with a <see cref="CclmQueueFullException"/>.</summary>
    /// <remarks>Of asynchronous calls. Lists that are longer than this and streams wait for room instead.</remarks>
    public int QueueCharacters { get; set; } = 262_144;

    /// <summary>The longest that a call waits to be run before it fails with a <see cref="TimeoutException"/>, an hour at most; zero for no limit.</summary>
    public TimeSpan QueueTimeout { get; set; }

    /// <summary>How long a batch that is not full waits for more texts while the model is in use; a text that finds it idle never waits.</summary>
    public TimeSpan BatchDelay { get; set; }

    /// <summary>What becomes of a text that is longer than the model reads.</summary>
    public LongText LongText { get; set; }

    /// <summary>The characters that a piece of a long text has in common with the one before it; more than half of what the model reads is taken as half.</summary>
    public int ChunkOverlap { get; set; } = 32;

    /// <summary>The most batches that run at once.</summary>
    internal int Runs { get; private set; } = 1;

    /// <summary>A copy that says what is meant by 0.</summary>
    /// <param name="provider">What the model really runs on: a GPU takes one batch after the other.</param>
    internal CclmModelOptions For(ExecutionProvider provider)
    {
        var options = (CclmModelOptions)MemberwiseClone();
        var onCpu = provider == ExecutionProvider.Cpu;
        options.Threads = Threads > 0 ? Threads : Environment.ProcessorCount;
        options.Runs = onCpu ? Math.Max(1, options.Threads / ThreadsPerRun) : 1;
        options.BatchCharacters = BatchCharacters > 0 ? BatchCharacters : onCpu ? 2_048 : 32_768;
        return options;
    }

    /// <summary>Options that can be used; the defaults for null.</summary>
    /// <exception cref="ArgumentException">They can not.</exception>
    internal static CclmModelOptions Checked(CclmModelOptions? options)
    {
        options ??= new();
        return options.Problems().ToArray() is { Length: > 0 } problems ? throw new ArgumentException(string.Join(" ", problems), nameof(options)) : options;
    }

    /// <summary>What is wrong with the options, one sentence each.</summary>
    internal virtual IEnumerable<string> Problems()
    {
        if (!Enum.IsDefined(Provider))
        {
            yield return $"Provider is {Provider}; expected {string.Join(", ", Enum.GetNames<ExecutionProvider>())}.";
        }
        if (CudaDevice < 0)
        {
            yield return $"CudaDevice is {CudaDevice}; expected the number of a device, from 0.";
        }
        if (Threads < 0)
        {
            yield return $"Threads is {Threads}; expected a number of threads, or 0 for one per processor.";
        }
        if (ThreadsPerRun < 1)
        {
            yield return $"ThreadsPerRun is {ThreadsPerRun}; expected 1 or more.";
        }
        if (BatchCharacters < 0)
        {
            yield return $"BatchCharacters is {BatchCharacters}; expected 1 (one text at a time) or more, or 0 for what suits the processor.";
        }
        if (QueueCharacters < 1)
        {
            yield return $"QueueCharacters is {QueueCharacters}; expected 1 (one text at a time may wait) or more.";
        }
        if (!Enum.IsDefined(LongText))
        {
            yield return $"LongText is {LongText}; expected {string.Join(", ", Enum.GetNames<LongText>())}.";
        }
        if (ChunkOverlap < 0)
        {
            yield return $"ChunkOverlap is {ChunkOverlap}; expected a number of characters, or 0.";
        }
        if (QueueTimeout < TimeSpan.Zero)
        {
            yield return $"QueueTimeout is {QueueTimeout}; expected a time, or zero for no limit.";
        }
        if (QueueTimeout > TimeSpan.FromHours(1))
        {
            yield return $"QueueTimeout is {QueueTimeout}; expected at most an hour, usually seconds, or zero for no limit. In configuration 5 is five days, and 00:00:05 five seconds.";
        }
        if (BatchDelay < TimeSpan.Zero || BatchDelay > TimeSpan.FromSeconds(1))
        {
            yield return $"BatchDelay is {BatchDelay}; expected zero to one second, usually some milliseconds.";
        }
    }
}
