using Microsoft.Extensions.Logging;

namespace Cclm.Inference;

/// <summary>A composed model: text in, vectors out. Every method is safe to call from many threads at once.</summary>
/// <remarks>
/// B texts, T characters, C channels of the towers side by side, D dimensions of the pooled vector. A text's vectors do not depend on
/// the texts that are embedded with it. Synchronous methods compute at once: one batch on the caller's thread, several beside each other. Asynchronous ones
/// gather the texts of all callers into batches. <see cref="Reload(string)"/> and <see cref="Dispose"/> may be called while calls run: those end as they began, and
/// after <see cref="Dispose"/> later ones throw <see cref="ObjectDisposedException"/>.
/// </remarks>
public sealed partial class CclmModel : IDisposable
{
    readonly Lock change = new();
    readonly CclmModelOptions options;
    readonly ILogger? logger;
    readonly BatchQueue queue;
    volatile LoadedModel loaded;
    bool disposed;

    internal CclmModel(LoadedModel loaded, CclmModelOptions options, ILogger? logger)
    {
        (this.loaded, this.options, this.logger) = (loaded, options.For(loaded.Runner.Provider), logger);
        queue = new(this.options, Enter);
    }

    /// <summary>What the model that is there now takes and gives.</summary>
    internal ModelContract Contract => loaded.Contract;

    /// <summary>The text rules and the vocabulary that the model was trained with.</summary>
    public Preprocessor Preprocessor => loaded.Contract.Preprocessor;

    /// <summary>D, the length of a text's vector; 0 where the model has no pooled output.</summary>
    public int Dimensions => loaded.Contract.Dimensions;

    /// <summary>C, the length of a position's vector: the towers' channels together.</summary>
    public int HiddenWidth => loaded.Contract.HiddenWidth;

    /// <summary>Where what each tower says lies in the vectors.</summary>
    public IReadOnlyList<TowerSlice> Towers => loaded.Contract.Towers;

    /// <summary>What answers from the towers: the heads that the model was composed with.</summary>
    public IReadOnlyList<CclmHead> Heads => loaded.Contract.Heads;

    /// <summary>What the model really runs on: <see cref="ExecutionProvider.Cpu"/> or <see cref="ExecutionProvider.Cuda"/>.</summary>
    public ExecutionProvider Provider => loaded.Runner.Provider;

    /// <summary>SHA-256 of the model's weights, in hexadecimal.</summary>
    public string Weights => loaded.Contract.Weights;

    /// <summary>What becomes of texts that are longer than <see cref="Preprocessor.MostCharacters"/>.</summary>
    public LongText LongText => options.LongText;

    /// <summary>How long the batch that runs now takes already; zero where none does. Of asynchronous calls.</summary>
    public TimeSpan BusyFor => queue.BusyFor;

    /// <summary>Loads a composed <c>.onnx</c> file, which has all that is needed in itself, and runs it once.</summary>
    /// <param name="path">The file; what <c>cclm compose</c> wrote, taking ids or text.</param>
    /// <param name="options">How it runs; read once.</param>
    /// <param name="logger">Is told when CUDA was wanted and the CPU is used.</param>
    /// <exception cref="CclmModelException">
    /// The file is missing, damaged, not a composed CCLM model or inconsistent, or CUDA is asked for and missing.
    /// </exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static CclmModel Load(string path, CclmModelOptions? options = null, ILogger? logger = null)
    {
        options = CclmModelOptions.Checked(options);
        return new(ModelLoader.Load(path, options, logger), options, logger);
    }

    /// <summary>Loads a composed model from the bytes of its file.</summary>
    /// <inheritdoc cref="Load(string, CclmModelOptions?, ILogger?)"/>
    public static CclmModel Load(byte[] model, CclmModelOptions? options = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options = CclmModelOptions.Checked(options);
        return new(ModelLoader.Load("the model's bytes", settings => new(model, settings), options, logger), options, logger);
    }

    /// <summary>Loads another file, and answers from it once it is loaded; no call fails, and those inside end with the model that they began with.</summary>
    /// <remarks>Texts that wait are answered by the new model. Where it can not be loaded, the model stays as it was.</remarks>
    /// <param name="path">The file; it may be the same, with other content.</param>
    /// <exception cref="CclmModelException">As for <see cref="Load(string, CclmModelOptions?, ILogger?)"/>.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public void Reload(string path)
    {
        var next = ModelLoader.Load(path, options, logger);
        LoadedModel before;
        lock (change)
        {
            before = disposed ? next : loaded;
            loaded = disposed ? loaded : next;
        }
        before.Dispose();       // once the last call has left it
        ObjectDisposedException.ThrowIf(before == next, this);
    }

    /// <summary>Answers the calls that are in and frees the model.</summary>
    public void Dispose()
    {
        lock (change)
        {
            disposed = true;
        }
        queue.Close();
        loaded.Dispose();
    }

    /// <summary>Goes into the model that is there now.</summary>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    LoadedCall Enter()
    {
        while (true)
        {
            var now = loaded;
            if (now.Gate.TryEnter())
            {
                return new(now);
            }
            ObjectDisposedException.ThrowIf(now == loaded, this);       // otherwise another was loaded meanwhile
        }
    }
}
