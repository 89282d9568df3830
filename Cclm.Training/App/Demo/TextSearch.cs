using System.Numerics.Tensors;

namespace Cclm.Training.App;

/// <summary>Texts by meaning: the largest cosine between a query's vector and theirs.</summary>
/// <param name="texts">What is searched.</param>
/// <param name="vectors">Their vectors, of length 1.</param>
sealed class TextSearch(IReadOnlyList<DemoText> texts, IReadOnlyList<float[]> vectors)
{
    /// <summary>The nearest texts, each text once, and what a search for the very words finds.</summary>
    public SearchResult Find(string query, float[] vector, int count)
    {
        var scores = vectors.Select(other => TensorPrimitives.Dot<float>(vector, other)).ToArray();
        var order = Enumerable.Range(0, texts.Count).ToArray();
        Array.Sort(scores.Select(score => -score).ToArray(), order);
        return new(query,
            [.. order.DistinctBy(i => texts[i].Text).Take(count).Select(i => new SearchHit(texts[i].Title, texts[i].Label, texts[i].Text, scores[i]))],
            texts.Count(text => text.Text.Contains(query, StringComparison.OrdinalIgnoreCase)));
    }
}

/// <summary>What was found for a query.</summary>
/// <param name="Query">What was asked.</param>
/// <param name="Hits">The nearest texts, nearest first.</param>
/// <param name="SubstringHits">How many texts contain the query as it stands.</param>
sealed record SearchResult(string Query, IReadOnlyList<SearchHit> Hits, int SubstringHits);

/// <summary>One text that was found.</summary>
sealed record SearchHit(string Title, string Label, string Text, float Cosine);
