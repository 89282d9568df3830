using System.Numerics.Tensors;

namespace Cclm.Training.App;

/// <summary>Texts by meaning: the largest cosine between a query's vector and theirs.</summary>
/// <remarks>
/// Each dimension is standardised over the corpus first: what all texts have in common would otherwise make every cosine nearly 1
/// (Mu and Viswanath 2018).
/// </remarks>
sealed class TextSearch
{
    readonly IReadOnlyList<DemoText> texts;
    readonly float[] mean, scale;
    readonly float[][] index;

    /// <param name="texts">What is searched; of equal texts the first is shown.</param>
    /// <param name="vectors">Each text's vector [D].</param>
    public TextSearch(IReadOnlyList<DemoText> texts, IReadOnlyDictionary<string, float[]> vectors)
    {
        this.texts = [.. texts.DistinctBy(text => text.Text)];
        var rows = this.texts.Select(text => vectors[text.Text]).ToArray();
        (mean, scale) = (new float[rows[0].Length], new float[rows[0].Length]);
        foreach (var row in rows)
        {
            TensorPrimitives.MultiplyAdd(row, 1f / rows.Length, mean, mean);
        }
        var difference = new float[mean.Length];
        foreach (var row in rows)
        {
            TensorPrimitives.Subtract(row, mean, difference);
            TensorPrimitives.MultiplyAdd(difference, difference, scale, scale);
        }
        TensorPrimitives.Divide(scale, rows.Length, scale);
        TensorPrimitives.Add(scale, 1e-12f, scale);
        TensorPrimitives.ReciprocalSqrt(scale, scale);
        index = [.. rows.Select(Standardise)];
    }

    /// <summary>The nearest texts, and what a search for the very words finds.</summary>
    public SearchResult Find(string query, float[] vector, int count)
    {
        var standardised = Standardise(vector);
        var hits = index.Select((row, i) => (Cosine: TensorPrimitives.Dot(standardised, row), Text: texts[i])).OrderByDescending(hit => hit.Cosine).Take(count);
        return new(query,
            [.. hits.Select(hit => new SearchHit(hit.Text.Title, hit.Text.Label, hit.Text.Text, hit.Cosine))],
            [.. texts.Where(text => text.Text.Contains(query, StringComparison.OrdinalIgnoreCase)).Select(text => new SearchHit(text.Title, text.Label, text.Text, null))]);
    }

    /// <summary>A vector with mean 0 and variance 1 in each dimension over the corpus, at length 1.</summary>
    float[] Standardise(float[] vector)
    {
        var result = new float[vector.Length];
        TensorPrimitives.Subtract(vector, mean, result);
        TensorPrimitives.Multiply(result, scale, result);
        TensorPrimitives.Divide(result, TensorPrimitives.Norm<float>(result), result);
        return result;
    }
}

/// <summary>What was found for a query.</summary>
/// <param name="Query">What was asked.</param>
/// <param name="Hits">The nearest texts, nearest first.</param>
/// <param name="SubstringHits">The texts that contain the query as it stands.</param>
sealed record SearchResult(string Query, IReadOnlyList<SearchHit> Hits, IReadOnlyList<SearchHit> SubstringHits);

/// <summary>One text that was found.</summary>
sealed record SearchHit(string Title, string Label, string Text, float? Cosine);
