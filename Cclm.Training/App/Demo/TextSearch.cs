using Cclm.Inference;

namespace Cclm.Training.App;

/// <summary>Texts by meaning: the largest cosine between a query's vector and theirs, standardised over the texts.</summary>
sealed class TextSearch
{
    readonly IReadOnlyList<DemoText> texts;
    readonly VectorStandardization standardization;
    readonly NearestVectors nearest;

    /// <param name="texts">What is searched; of equal texts the first is shown.</param>
    /// <param name="vectors">Each text's vector [D].</param>
    public TextSearch(IReadOnlyList<DemoText> texts, IReadOnlyDictionary<string, float[]> vectors)
    {
        this.texts = [.. texts.DistinctBy(text => text.Text)];
        float[][] rows = [.. this.texts.Select(text => vectors[text.Text])];
        standardization = new(rows);
        nearest = new([.. rows.Select(row => standardization.Apply(row))]);
    }

    /// <summary>The nearest texts, and what a search for the very words finds.</summary>
    public SearchResult Find(string query, float[] vector, int count) => new(query,
        [.. nearest.Search(standardization.Apply(vector), count).Select(found => Hit(texts[found.Index], found.Score))],
        [.. texts.Where(text => text.Text.Contains(query, StringComparison.OrdinalIgnoreCase)).Select(text => Hit(text, cosine: null))]);

    static SearchHit Hit(DemoText text, float? cosine) => new(text.Title, text.Label, text.Text, cosine);
}

/// <summary>What was found for a query.</summary>
/// <param name="Query">What was asked.</param>
/// <param name="Hits">The nearest texts, nearest first.</param>
/// <param name="SubstringHits">The texts that contain the query as it stands.</param>
sealed record SearchResult(string Query, IReadOnlyList<SearchHit> Hits, IReadOnlyList<SearchHit> SubstringHits);

/// <summary>One text that was found.</summary>
sealed record SearchHit(string Title, string Label, string Text, float? Cosine);
