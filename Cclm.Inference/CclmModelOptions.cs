namespace Cclm.Inference;

/// <summary>How a <see cref="CclmModel"/> runs. Settable, so that it binds to configuration; a model reads it once, when it is loaded.</summary>
public class CclmModelOptions
{
    /// <summary>What to compute on; <see cref="CclmModel.Provider"/> says what is really used.</summary>
    public ExecutionProvider Provider { get; set; } = ExecutionProvider.Auto;

    /// <summary>The number of the CUDA device.</summary>
    public int CudaDevice { get; set; }

    /// <summary>Threads that share the work of one call; 0 for one per processor that the process may use.</summary>
    /// <remarks>A container's CPU limit is respected. Where many callers run at once, fewer threads each give more in total.</remarks>
    public int Threads { get; set; }

    /// <summary>The most characters of a batch, padding among them: rows times the longest length.</summary>
    /// <remarks>Bounds memory and delay where many texts are embedded; a text longer than this is a batch of its own.</remarks>
    public int BatchCharacters { get; set; } = 16_384;

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
        if (BatchCharacters < 1)
        {
            yield return $"BatchCharacters is {BatchCharacters}; expected 1 (one text at a time) or more.";
        }
    }
}
