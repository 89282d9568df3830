using static TorchSharp.torch;

namespace Cclm.Training;

/// <summary>Which candidate of a batch belongs to each of its queries (InfoNCE, van den Oord et al. 2018).</summary>
static class InBatchNegatives
{
    /// <summary>The logit of what is no wrong answer, nor the right one.</summary>
    public const float Excluded = -1e9f;

    /// <summary>The answer by the cosines of queries and candidates; query i belongs to candidate i.</summary>
    /// <param name="cosines">[B,M], M of at least B.</param>
    /// <param name="temperature">What they are divided by.</param>
    /// <param name="noWrong">Whether a candidate is no wrong answer though it is not the right one, [B,M] by rows.</param>
    public static Answer Of(Tensor cosines, double temperature, bool[] noWrong)
    {
        var excluded = tensor(noWrong, device: cosines.device).view(cosines.shape);
        var right = Enumerable.Range(0, (int)cosines.shape[0]).Select(i => (long)i).ToArray();
        return new(cosines.div(Scalars.Kept(temperature)).masked_fill(excluded, Scalars.Kept(Excluded)), tensor(right, device: cosines.device));
    }
}
