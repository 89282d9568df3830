using System.Runtime.CompilerServices;

namespace Cclm.Inference;

public sealed partial class CclmModel
{
    const int ChunksAhead = 3;          // of a stream: one that runs, and others whose texts are sorted in with it

    /// <summary>One text's vector, run in a batch with the texts of other callers.</summary>
    /// <returns>[D], or the tower's part of it.</returns>
    /// <inheritdoc cref="EmbedAsync(IReadOnlyList{string}, string?, CancellationToken)"/>
    public async Task<float[]> EmbedAsync(string text, string? tower = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return (await EmbedAsync([text], tower, cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>The texts' vectors, in the order of the texts, run in batches with the texts of other callers.</summary>
    /// <remarks>A list with more characters than <see cref="CclmModelOptions.QueueCharacters"/> is run in parts that wait for room.</remarks>
    /// <param name="texts">The texts; empty ones have vectors too.</param>
    /// <param name="tower">Give what this tower says alone; null for the whole vector.</param>
    /// <param name="cancellationToken">Takes those texts back that do not run yet.</param>
    /// <returns>For each text [D], or the tower's part of it.</returns>
    /// <exception cref="CclmQueueFullException">Too much waits already.</exception>
    /// <exception cref="TimeoutException">A text waited for longer than <see cref="CclmModelOptions.QueueTimeout"/>.</exception>
    /// <exception cref="CclmModelException">The model has no pooled output, or its numbers are not finite.</exception>
    /// <exception cref="ArgumentException">No such tower, a text is null, or too long where <see cref="CclmModelOptions.LongText"/> forbids that.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public Task<float[][]> EmbedAsync(IReadOnlyList<string> texts, string? tower = null, CancellationToken cancellationToken = default) =>
        AskAsync(texts, contract => Readings.Vectors(contract, tower), cancellationToken);

    /// <summary>The texts' vectors, each with what the model that answered takes and gives.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="check">Refuses a model: the one that is there now, and one that is loaded before it answers.</param>
    /// <param name="cancellation">Takes those texts back that do not run yet.</param>
    internal Task<(float[] Vector, ModelContract From)[]> EmbedFromAsync(IReadOnlyList<string> texts, Action<ModelContract> check, CancellationToken cancellation)
    {
        return AskAsync(texts, Question, cancellation);

        Reading<(float[], ModelContract)> Question(ModelContract contract)
        {
            check(contract);
            return Readings.Vectors(contract, tower: null).From(contract);
        }
    }

    /// <summary>The vectors of a stream of texts, in its order. It is read no further ahead than the model needs.</summary>
    /// <remarks>Texts of a stream wait for room among those of others, and are never refused.</remarks>
    /// <inheritdoc cref="EmbedAsync(IReadOnlyList{string}, string?, CancellationToken)"/>
    public IAsyncEnumerable<float[]> EmbedAsync(IAsyncEnumerable<string> texts, string? tower = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return StreamAsync(texts, contract => Readings.Vectors(contract, tower), cancellationToken);
    }

    /// <summary>The texts' labels with their probabilities, in the order of the texts, the likeliest first; run in batches with the texts of other callers.</summary>
    /// <param name="texts">The texts; empty ones are answered for too.</param>
    /// <param name="head">The head that answers; null where the model has one that classifies.</param>
    /// <param name="cancellationToken">Takes those texts back that do not run yet.</param>
    /// <returns>For each text all K labels: probabilities that sum to 1, or of a multi-label head each for itself.</returns>
    /// <exception cref="CclmModelException">The model has no head, or several, that classify, or its numbers are not finite.</exception>
    /// <exception cref="ArgumentException">No such head classifies, a text is null, or too long where <see cref="CclmModelOptions.LongText"/> forbids that.</exception>
    /// <exception cref="CclmQueueFullException">Too much waits already.</exception>
    public Task<IReadOnlyList<LabelProbability>[]> ClassifyAsync(IReadOnlyList<string> texts, string? head = null, CancellationToken cancellationToken = default) =>
        AskAsync(texts, contract => Readings.Labels(contract, head), cancellationToken);

    Task<T[]> AskAsync<T>(IReadOnlyList<string> texts, Func<ModelContract, Reading<T>> question, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var contract = loaded.Contract;
        var reading = question(contract);
        var pieces = TextPieces.Of(texts, contract.Preprocessor, options);
        if (pieces.Texts.Count == 0)
        {
            return Task.FromResult<T[]>([]);
        }
        var asked = Cut(question, contract, reading);
        var call = new PendingCall<T>(pieces.Texts, asked, contract, reading);
        var answers = call.Cost <= options.QueueCharacters ? queue.RunAsync(call, cancellation) : InPartsAsync(pieces.Texts, asked, cancellation);
        return asked == question ? answers : JoinedAsync();

        async Task<T[]> JoinedAsync()
        {
            try
            {
                return pieces.Join(await answers.ConfigureAwait(false), reading.Join);
            }
            catch (OtherModelException)
            {
                return await InPartsAsync(texts, question, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>What is asked of texts that were cut, or found to fit: of that model alone, as another may read more or less of a text.</summary>
    Func<ModelContract, Reading<T>> Cut<T>(Func<ModelContract, Reading<T>> question, ModelContract contract, Reading<T> reading) =>
        options.LongText == LongText.Truncate ? question : other => other == contract ? reading : throw new OtherModelException();

    async Task<T[]> InPartsAsync<T>(IReadOnlyList<string> texts, Func<ModelContract, Reading<T>> question, CancellationToken cancellation)
    {
        var answers = new List<T>(texts.Count);
        await foreach (var answer in StreamAsync(texts.ToAsyncEnumerable(), question, cancellation).ConfigureAwait(false))
        {
            answers.Add(answer);
        }
        return [.. answers];
    }

    /// <summary>The answers to a stream, in its order. The oldest of them and the next texts are waited for together, so neither holds the other up.</summary>
    async IAsyncEnumerable<T> StreamAsync<T>(IAsyncEnumerable<string> texts, Func<ModelContract, Reading<T>> question, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var ahead = new Queue<Task<T[]>>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await using var chunks = ChunksAsync(texts, stop.Token).GetAsyncEnumerator(CancellationToken.None);
        Task<bool>? next = null;
        try
        {
            for (var isOver = false; !isOver || ahead.Count > 0;)
            {
                next ??= isOver || ahead.Count == ChunksAhead ? null : chunks.MoveNextAsync().AsTask();
                if (next is null || (ahead.TryPeek(out var first) && await Task.WhenAny(next, first).ConfigureAwait(false) == first))
                {
                    foreach (var answer in await ahead.Dequeue().ConfigureAwait(false))
                    {
                        yield return answer;
                    }
                    continue;
                }
                if (await next.ConfigureAwait(false))
                {
                    ahead.Enqueue(WhenThereIsRoomAsync(chunks.Current, question, stop.Token));
                }
                else
                {
                    isOver = true;
                }
                next = null;
            }
        }
        finally
        {
            stop.Cancel();          // where the reader stopped, nobody waits for the rest
            foreach (var left in ahead.Prepend(next ?? Task.CompletedTask))
            {
                await left.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    async Task<T[]> WhenThereIsRoomAsync<T>(IReadOnlyList<string> texts, Func<ModelContract, Reading<T>> question, CancellationToken cancellation)
    {
        while (true)
        {
            var contract = loaded.Contract;
            var reading = question(contract);
            var pieces = TextPieces.Of(texts, contract.Preprocessor, options);
            var call = new PendingCall<T>(pieces.Texts, Cut(question, contract, reading), contract, reading);
            try
            {
                return pieces.Join(await queue.RunWhenThereIsRoomAsync(call, cancellation).ConfigureAwait(false), reading.Join);
            }
            catch (OtherModelException)
            {
                // The texts are cut again, for the model that is there now.
            }
        }
    }

    /// <summary>Texts of about a batch together; fewer where the next text is not there yet, so that a slow stream is answered as it comes.</summary>
    async IAsyncEnumerable<IReadOnlyList<string>> ChunksAsync(IAsyncEnumerable<string> texts, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await using var source = texts.GetAsyncEnumerator(stop.Token);
        var (chunk, cost, next) = (new List<string>(), 0L, Task.FromResult(false));
        try
        {
            while (true)
            {
                next = source.MoveNextAsync().AsTask();
                if (chunk.Count > 0 && (cost >= options.BatchCharacters || !next.IsCompleted))
                {
                    yield return chunk;
                    (chunk, cost) = ([], 0);
                }
                if (!await next.ConfigureAwait(false))
                {
                    break;
                }
                chunk.Add(source.Current ?? throw new ArgumentException("A text of the stream is null. Give an empty string, or leave it out.", nameof(texts)));
                cost += loaded.Contract.OwnLength(source.Current);
            }
            if (chunk.Count > 0)
            {
                yield return chunk;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);      // a stream must not be left while it moves
        }
    }
}
