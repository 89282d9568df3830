namespace Cclm.Training;

/// <summary>
/// How well edges are told from pairs without one: the area under the ROC curve (AUC), which is the share of right orders among all pairs of an edge and
/// a non-edge, equals counting half (Hanley and McNeil 1982); and the mean reciprocal rank of the right node among those of its batch.
/// </summary>
sealed class EdgeScores : Metric
{
    readonly RetrievalScores ranks = new();
    readonly List<float> edges = [], others = [];

    /// <inheritdoc/>
    public override void Add(Answer answer)
    {
        ranks.Add(answer);
        var (scores, right) = (answer.Output.cpu().data<float>().ToArray(), answer.Expected.cpu().data<long>().ToArray());
        foreach (var (row, expected) in right.Index())
        {
            var ofRow = scores.AsSpan(row * right.Length, right.Length);
            for (var i = 0; i < ofRow.Length; i++)
            {
                if (ofRow[i] > InBatchNegatives.Excluded)
                {
                    (i == expected ? edges : others).Add(ofRow[i]);
                }
            }
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Measure> Measures => [new("AUC", Area()), ranks.Measures[1]];

    /// <summary>One half where there is nothing to compare.</summary>
    double Area()
    {
        var (below, sum) = (others.Order().ToArray(), 0.0);
        foreach (var score in edges)
        {
            sum += (Places(below, score, orEqual: false) + Places(below, score, orEqual: true)) / 2.0;
        }
        return below.Length == 0 ? 0.5 : sum / edges.Count / below.Length;
    }

    /// <summary>How many of ascending scores are below one, or not above it.</summary>
    static int Places(float[] scores, float score, bool orEqual)
    {
        var (low, high) = (0, scores.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = scores[middle] < score || (orEqual && scores[middle] == score) ? (middle + 1, high) : (low, middle);
        }
        return low;
    }
}
