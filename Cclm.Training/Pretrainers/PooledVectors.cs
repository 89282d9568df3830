using Cclm.Export;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>One vector of what a tower says of a text: <see cref="Of"/> is what a composed model with the same pooling makes of its slice.</summary>
static class PooledVectors
{
    /// <summary>Vectors of length 1: [B,T,C] -> [B,C], with mean and maximum [B,2C].</summary>
    public static Tensor Of(Value.Torch hidden, Pooling pooling = Pooling.MeanMax)
    {
        var pooled = pooling switch
        {
            Pooling.Mean => Mean(hidden),
            Pooling.Max => ((Value.Torch)hidden.max_over_time().squeeze_time()).Tensor,
            Pooling.Cls => AtTheEnd(hidden),
            _ => MeanMax(hidden),
        };
        return functional.normalize(new PoolingOptions(pooling).LayerNorm ? functional.layer_norm(pooled, [pooled.shape[1]]) : pooled, p: 2, dim: 1);
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
