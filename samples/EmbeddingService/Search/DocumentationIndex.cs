using System.Numerics.Tensors;
using Cclm.Inference;
using Cclm.Training.Data;
using EmbeddingService.Api;

namespace EmbeddingService.Search;

/// <summary>Members of the .NET API by what one model makes of their summaries.</summary>
sealed class DocumentationIndex
{
    readonly IReadOnlyList<ApiMember> members;
    readonly IReadOnlyList<TowerSlice> towers;
    readonly VectorStandardization standardization;
    readonly NearestVectors nearest;

    /// <param name="weights">The model's, by which it is known.</param>
    /// <param name="towers">The model's towers.</param>
    /// <param name="members">What is searched.</param>
    /// <param name="vectors">Their summaries' vectors [D].</param>
    public DocumentationIndex(string weights, IReadOnlyList<TowerSlice> towers, IReadOnlyList<ApiMember> members, IReadOnlyList<float[]> vectors)
    {
        Weights = weights;
        this.members = members;
        this.towers = [.. towers.Where(tower => tower.EmbeddingWidth > 0)];
        standardization = new(vectors);
        nearest = new([.. vectors.Select(vector => standardization.Apply(vector))]);
    }

    public string Weights { get; }

    /// <summary>The members nearest to a query.</summary>
    /// <param name="query">Its vector [D].</param>
    /// <param name="top">How many.</param>
    public IReadOnlyList<SearchHit> Find(float[] query, int top)
    {
        var asked = standardization.Apply(query);
        return [.. nearest.Search(asked, top).Select(found => Hit(members[found.Index], found.Score, TowerScores(asked, nearest[found.Index])))];
    }

    static SearchHit Hit(ApiMember member, float score, IReadOnlyList<TowerScore> towers) => new(member.Name, member.Namespace, member.Summary, score, towers);

    TowerScore[] TowerScores(ReadOnlySpan<float> asked, ReadOnlySpan<float> found)
    {
        var scores = new TowerScore[towers.Count];
        for (var i = 0; i < scores.Length; i++)
        {
            var (start, width) = (towers[i].EmbeddingStart, towers[i].EmbeddingWidth);
            var cosine = TensorPrimitives.CosineSimilarity(asked.Slice(start, width), found.Slice(start, width));
            scores[i] = new(towers[i].Name, float.IsFinite(cosine) ? cosine : 0);       // a tower that says of all texts the same says nothing
        }
        return scores;
    }
}
