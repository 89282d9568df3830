using System.Buffers;
using Microsoft.ML.OnnxRuntime;

namespace Cclm.Inference;

/// <summary>Feeds batches of text to a session. Safe to use from many threads.</summary>
sealed class ModelRunner(InferenceSession session, ExecutionProvider provider, int device, ModelContract contract) : IDisposable
{
    public ModelContract Contract => contract;

    /// <summary>What it really runs on.</summary>
    public ExecutionProvider Provider => provider;

    /// <param name="texts">The texts that the batch chooses from.</param>
    /// <param name="batch">Which ones, and the length to pad them to.</param>
    /// <param name="output">The output to return.</param>
    /// <param name="shape">The shape that it must have.</param>
    /// <param name="cancellation">Stops the run between two nodes of the graph.</param>
    /// <exception cref="CclmModelException">The run failed, or gave another shape.</exception>
    public OrtValue Run(IReadOnlyList<string> texts, LengthBatch batch, string output, long[] shape, CancellationToken cancellation)
    {
        using var options = new RunOptions();
        return Run(texts, batch, output, shape, options, cancellation);
    }

    /// <summary>Runs one text, and looks at what comes out.</summary>
    public void Probe(string text)
    {
        using var options = new RunOptions();
        Probe(text, options);
    }

    /// <summary>Frees what the largest batch so far needed, for the system to use until there is another one.</summary>
    public void GiveMemoryBack()
    {
        using var options = new RunOptions();
        options.AddRunConfigEntry("memory.enable_memory_arena_shrinkage", provider == ExecutionProvider.Cuda ? $"cpu:0;gpu:{device}" : "cpu:0");
        Probe("", options);         // done at the end of a run
    }

    public void Dispose() => session.Dispose();

    void Probe(string text, RunOptions options)
    {
        var length = contract.PaddedLength(contract.OwnLength(text));
        var (output, shape) = contract.Dimensions > 0 ? (ModelNames.Embedding, (long[])[1, contract.Dimensions]) : (ModelNames.Hidden, [1, length, contract.HiddenWidth]);
        using var values = Run([text], LengthBatch.Of(1, length), output, shape, options, CancellationToken.None);
        _ = Numbers.Finite(values.GetTensorDataAsSpan<float>(), 0);
    }

    OrtValue Run(IReadOnlyList<string> texts, LengthBatch batch, string output, long[] shape, RunOptions options, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var stop = cancellation.UnsafeRegister(static run => ((RunOptions)run!).Terminate = true, options);
        var value = contract.ReadsText ? RunText(texts, batch, output, options, cancellation) : RunIds(texts, batch, output, options, cancellation);
        var actual = value.GetTensorTypeAndShape().Shape;
        if (!actual.AsSpan().SequenceEqual(shape))
        {
            value.Dispose();
            throw new CclmModelException($"The model's '{output}' came out as [{string.Join(",", actual)}]; expected [{string.Join(",", shape)}]. " +
                "Its graph and its preprocessor disagree: compose the model again.");
        }
        return value;
    }

    OrtValue RunIds(IReadOnlyList<string> texts, LengthBatch batch, string output, RunOptions options, CancellationToken cancellation)
    {
        var count = checked(batch.Rows.Count * batch.Length);
        var buffer = ArrayPool<long>.Shared.Rent(count);
        try
        {
            var ids = buffer.AsSpan(0, count);
            ids.Clear();        // padding
            for (var row = 0; row < batch.Rows.Count; row++)
            {
                contract.Preprocessor.Encode(texts[batch.Rows[row]], ids.Slice(row * batch.Length, batch.Length));
            }
            long[] shape = [batch.Rows.Count, batch.Length];
            using var input = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, buffer.AsMemory(0, count), shape);
            return Run(ModelNames.Ids, input, output, options, cancellation);
        }
        finally
        {
            ArrayPool<long>.Shared.Return(buffer);
        }
    }

    OrtValue RunText(IReadOnlyList<string> texts, LengthBatch batch, string output, RunOptions options, CancellationToken cancellation)
    {
        using var input = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, [batch.Rows.Count]);
        for (var row = 0; row < batch.Rows.Count; row++)
        {
            // The graph splits a text before it cuts it, so it is not given more than can matter: a character has at most two units.
            var text = texts[batch.Rows[row]];
            input.StringTensorSetElementAt(text.AsSpan(0, Math.Min(text.Length, 2 * contract.Preprocessor.Options.MaxLength)), row);
        }
        return Run(ModelNames.Text, input, output, options, cancellation);
    }

    OrtValue Run(string inputName, OrtValue input, string output, RunOptions options, CancellationToken cancellation)
    {
        try
        {
            return session.Run(options, [inputName], [input], [output])[0];
        }
        catch (OnnxRuntimeException) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (OnnxRuntimeException e)
        {
            throw new CclmModelException($"ONNX Runtime failed while it ran the model: {e.Message}", e);
        }
    }
}
