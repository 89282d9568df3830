using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Cclm.Inference;

/// <summary>A model file that is open. It stays open until the last call that came in has left.</summary>
sealed class LoadedModel(ModelRunner runner) : IDisposable
{
    public ModelRunner Runner => runner;

    public ModelContract Contract => runner.Contract;

    public CallGate Gate { get; } = new();

    /// <summary>What is made of each text's row of an output.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="reading">The output, and what is made of a row.</param>
    /// <param name="options">The size of batches, and how many run at once.</param>
    /// <param name="cancellation">Stops between batches, and within one.</param>
    public T[] Read<T>(IReadOnlyList<string> texts, Reading<T> reading, CclmModelOptions options, CancellationToken cancellation)
    {
        if (texts.Count == 1)
        {
            return [ReadOne(texts, reading, cancellation)];
        }
        var results = new T[texts.Count];
        var lengths = new int[texts.Count];
        for (var i = 0; i < lengths.Length; i++)
        {
            lengths[i] = Contract.OwnLength(texts[i]);
        }
        var batches = LengthBatches.Plan(lengths, options.BatchCharacters, Contract.PaddedLength);
        if (options.Runs == 1 || batches.Count == 1)
        {
            batches.ForEach(Run);
        }
        else
        {
            Together(batches, options.Runs, Run, cancellation);
        }
        return results;

        void Run(LengthBatch batch)
        {
            using var values = runner.Run(texts, batch, reading.Output, [batch.Rows.Count, .. reading.RowShape(batch.Length)], cancellation);
            var rows = values.GetTensorDataAsSpan<float>();
            var width = rows.Length / batch.Rows.Count;
            for (var row = 0; row < batch.Rows.Count; row++)
            {
                var index = batch.Rows[row];
                results[index] = reading.Answer(rows.Slice(row * width, width), lengths[index], index);
            }
        }
    }

    T ReadOne<T>(IReadOnlyList<string> texts, Reading<T> reading, CancellationToken cancellation)
    {
        var length = Contract.OwnLength(texts[0]);
        var batch = LengthBatch.Of(1, Contract.PaddedLength(length));
        using var values = runner.Run(texts, batch, reading.Output, [1, .. reading.RowShape(batch.Length)], cancellation);
        return reading.Answer(values.GetTensorDataAsSpan<float>(), length, 0);
    }

    /// <summary>Runs batches beside each other; an error ends it, as it would one after the other.</summary>
    static void Together(List<LengthBatch> batches, int runs, Action<LengthBatch> run, CancellationToken cancellation)
    {
        try
        {
            Parallel.ForEach(Partitioner.Create(batches, EnumerablePartitionerOptions.NoBuffering), new ParallelOptions { MaxDegreeOfParallelism = runs, CancellationToken = cancellation }, run);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    public void Dispose()
    {
        if (Gate.Close())
        {
            runner.Dispose();
        }
    }
}
