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
    /// <param name="batchCharacters">The most ids of a batch.</param>
    /// <param name="cancellation">Stops between batches, and within one.</param>
    public T[] Read<T>(IReadOnlyList<string> texts, Reading<T> reading, int batchCharacters, CancellationToken cancellation)
    {
        var results = new T[texts.Count];
        var lengths = new int[texts.Count];
        for (var i = 0; i < lengths.Length; i++)
        {
            lengths[i] = Contract.PaddedLength(texts[i]);
        }
        foreach (var batch in LengthBatches.Plan(lengths, batchCharacters))
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
        return results;
    }

    public void Dispose()
    {
        if (Gate.Close())
        {
            runner.Dispose();
        }
    }
}
