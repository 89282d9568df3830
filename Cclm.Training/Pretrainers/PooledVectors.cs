using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>One vector of what a tower says of a text: <see cref="Of"/> is what a composed model with pooling <c>MeanMax</c> makes of its slice.</summary>
static class PooledVectors
{
    /// <summary>Mean and maximum over the characters, of mean 0 and variance 1, and of length 1: [B,T,C] -> [B,2C].</summary>
    public static Tensor Of(Value.Torch hidden)
    {
        var pooled = MeanMax(hidden);
        return functional.normalize(functional.layer_norm(pooled, [pooled.shape[1]]), p: 2, dim: 1);
    }

    /// <summary>Mean and maximum over the characters side by side: [B,T,C] -> [B,2C].</summary>
    public static Tensor MeanMax(Value.Torch hidden) => ((Value.Torch)hidden.mean_over_time().cat(hidden.max_over_time()).squeeze_time()).Tensor;

    /// <summary>The mean over the characters: [B,T,C] -> [B,C].</summary>
    public static Tensor Mean(Value.Torch hidden) => ((Value.Torch)hidden.mean_over_time().squeeze_time()).Tensor;

    /// <summary>What is said at each text's last id, which is CLS where the preprocessor adds it: [B,T,C] -> [B,C].</summary>
    public static Tensor AtTheEnd(Value.Torch hidden) => ((Value.Torch)hidden.last_over_time().squeeze_time()).Tensor;

    /// <summary>The cosine of each vector with each: [B,D] -> [B,B].</summary>
    public static Tensor Cosines(Tensor vectors)
    {
        var directions = functional.normalize(vectors, p: 2, dim: 1);
        return directions.matmul(directions.t());
    }
}
