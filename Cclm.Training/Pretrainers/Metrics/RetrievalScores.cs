namespace Cclm.Training;

/// <summary>How high the right text stands among those of its batch: the share of first places, and the mean reciprocal rank (Voorhees 1999).</summary>
/// <remarks>Both depend on how many texts a batch has: by chance the first is 1/B.</remarks>
sealed class RetrievalScores : Metric
{
    double reciprocal;
    long first, count;

    /// <inheritdoc/>
    public override void Add(Answer answer)
    {
        var right = answer.Output.gather(1, answer.Expected.unsqueeze(1));                      // [B,1]
        var ranks = answer.Output.ge(right).sum(1).cpu().data<long>().ToArray();                // 1 is the best; equals count against it
        reciprocal += ranks.Sum(rank => 1.0 / rank);
        first += ranks.Count(rank => rank == 1);
        count += ranks.Length;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Measure> Measures => [new("found first in the batch", (double)first / count), new("mean reciprocal rank", reciprocal / count, Share: false)];
}
