using System.Linq.Expressions;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;

namespace VectorSearch;

/// <summary>A collection of Microsoft.Extensions.VectorData in memory: texts become vectors when they come in, and a search looks at all of them.</summary>
/// <remarks>Scores are cosines. Each record has one vector, which is not part of it. Safe to use from many threads.</remarks>
/// <param name="name">The collection's name.</param>
/// <param name="generator">Makes the vectors.</param>
/// <param name="key">A record's key.</param>
/// <param name="text">What of a record is searched.</param>
sealed class MemoryCollection<TKey, TRecord>(
    string name, IEmbeddingGenerator<string, Embedding<float>> generator, Func<TRecord, TKey> key, Func<TRecord, string> text) : VectorStoreCollection<TKey, TRecord>
    where TKey : notnull
    where TRecord : class
{
    readonly Lock access = new();
    readonly Dictionary<TKey, (TRecord Record, ReadOnlyMemory<float> Vector)> records = [];

    public override string Name => name;

    public override Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default) => Task.FromResult(true);

    public override Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    public override Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default)
    {
        lock (access)
        {
            records.Clear();
        }
        return Task.CompletedTask;
    }

    public override Task UpsertAsync(TRecord record, CancellationToken cancellationToken = default) => UpsertAsync([record], cancellationToken);

    public override async Task UpsertAsync(IEnumerable<TRecord> records, CancellationToken cancellationToken = default)
    {
        List<TRecord> written = [.. records];
        var vectors = await generator.GenerateAsync(written.Select(text), cancellationToken: cancellationToken);
        lock (access)
        {
            foreach (var (record, vector) in written.Zip(vectors))
            {
                this.records[key(record)] = (record, vector.Vector);
            }
        }
    }

    public override Task DeleteAsync(TKey key, CancellationToken cancellationToken = default)
    {
        lock (access)
        {
            records.Remove(key);
        }
        return Task.CompletedTask;
    }

    public override Task<TRecord?> GetAsync(TKey key, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default)
    {
        lock (access)
        {
            return Task.FromResult<TRecord?>(records.TryGetValue(key, out var found) ? found.Record : null);
        }
    }

    /// <exception cref="NotSupportedException">An order is asked for.</exception>
    public override IAsyncEnumerable<TRecord> GetAsync(
        Expression<Func<TRecord, bool>> filter, int top, FilteredRecordRetrievalOptions<TRecord>? options = null, CancellationToken cancellationToken = default) =>
        options?.OrderBy is not null ? throw new NotSupportedException("This collection keeps no order. Leave OrderBy out, and sort what is found.")
            : Chosen(filter).Select(entry => entry.Record).Skip(options?.Skip ?? 0).Take(top).ToAsyncEnumerable();

    /// <exception cref="NotSupportedException">What is looked for is neither a text nor a vector.</exception>
    public override async IAsyncEnumerable<VectorSearchResult<TRecord>> SearchAsync<TInput>(
        TInput searchValue, int top, VectorSearchOptions<TRecord>? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var asked = searchValue switch
        {
            string words => await generator.GenerateVectorAsync(words, cancellationToken: cancellationToken),
            ReadOnlyMemory<float> vector => vector,
            float[] vector => vector,
            Embedding<float> embedding => embedding.Vector,
            _ => throw new NotSupportedException($"{typeof(TInput).Name} can not be looked for; expected a text or a vector of floats."),
        };
        var found = Chosen(options?.Filter)
            .Select(entry => new VectorSearchResult<TRecord>(entry.Record, TensorPrimitives.CosineSimilarity(asked.Span, entry.Vector.Span)))
            .Where(result => !(result.Score < options?.ScoreThreshold))
            .OrderByDescending(result => result.Score).Skip(options?.Skip ?? 0).Take(top);
        foreach (var result in found)
        {
            yield return result;
        }
    }

    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType.IsInstanceOfType(this) ? this : generator.GetService(serviceType, serviceKey);

    List<(TRecord Record, ReadOnlyMemory<float> Vector)> Chosen(Expression<Func<TRecord, bool>>? filter)
    {
        var chosen = filter?.Compile() ?? (_ => true);
        lock (access)
        {
            return [.. records.Values.Where(entry => chosen(entry.Record))];
        }
    }
}
