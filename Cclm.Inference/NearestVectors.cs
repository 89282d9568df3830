using System.Numerics.Tensors;

namespace Cclm.Inference;

/// <summary>A vector that was found.</summary>
/// <param name="Index">Its place among the vectors.</param>
/// <param name="Score">Its dot product with what was asked for: the cosine, where both have length 1.</param>
public readonly record struct Neighbour(int Index, float Score);

/// <summary>Vectors that are searched one and all: exact, and fast enough for some hundred thousand. Safe to search from many threads.</summary>
public sealed class NearestVectors
{
    readonly float[] vectors;       // [N,D], row by row

    /// <param name="vectors">The vectors, copied; of one length.</param>
    /// <exception cref="ArgumentException">They are not of one length, or more numbers than an array can hold.</exception>
    public NearestVectors(IReadOnlyList<float[]> vectors)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        (Count, Dimensions) = (vectors.Count, vectors.Count > 0 ? vectors[0].Length : 0);
        if ((long)Count * Dimensions > Array.MaxLength)
        {
            throw new ArgumentException($"{Count:N0} vectors of {Dimensions:N0} numbers are more than one array can hold. Use a vector store.", nameof(vectors));
        }
        this.vectors = new float[Count * Dimensions];
        for (var i = 0; i < Count; i++)
        {
            if (vectors[i].Length != Dimensions)
            {
                throw new ArgumentException($"Vector {i} has {vectors[i].Length} numbers; expected {Dimensions}, as the first has.", nameof(vectors));
            }
            vectors[i].CopyTo(this.vectors.AsSpan(i * Dimensions));
        }
    }

    /// <summary>N, how many there are.</summary>
    public int Count { get; }

    /// <summary>D, their length.</summary>
    public int Dimensions { get; }

    /// <summary>A vector [D], by its place.</summary>
    public ReadOnlySpan<float> this[int index] => vectors.AsSpan(index * Dimensions, Dimensions);

    /// <summary>Those with the largest dot products, the largest first; of equal ones the first.</summary>
    /// <param name="query">[D]</param>
    /// <param name="count">How many; fewer are found where there are fewer.</param>
    /// <exception cref="ArgumentException">The query has another length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1 is asked for.</exception>
    public IReadOnlyList<Neighbour> Search(ReadOnlySpan<float> query, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (Count > 0 && query.Length != Dimensions)
        {
            throw new ArgumentException($"The query has {query.Length} numbers; expected {Dimensions}, as the vectors have.", nameof(query));
        }
        var found = new PriorityQueue<Neighbour, (float Score, int Last)>();        // the worst comes out first
        for (var i = 0; i < Count; i++)
        {
            var score = TensorPrimitives.Dot(query, this[i]);
            if (found.Count < count)
            {
                found.Enqueue(new(i, score), (score, -i));
            }
            else if (score > found.Peek().Score)
            {
                found.EnqueueDequeue(new(i, score), (score, -i));
            }
        }
        var neighbours = new Neighbour[found.Count];
        for (var i = neighbours.Length - 1; i >= 0; i--)
        {
            neighbours[i] = found.Dequeue();
        }
        return neighbours;
    }
}
