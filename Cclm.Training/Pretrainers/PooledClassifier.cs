using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>A text's classes from what is said of its characters: mean and maximum of each channel, normalised, then one linear layer.</summary>
sealed class PooledClassifier : Module<Value.Torch, Tensor>
{
    readonly LayerNorm norm;
    readonly Linear output;

    /// <param name="width">C, the tower's channels.</param>
    /// <param name="classes">K</param>
    public PooledClassifier(int width, int classes) : base(nameof(PooledClassifier))
    {
        (norm, output) = (LayerNorm(2 * width), Linear(2 * width, classes));
        RegisterComponents();
    }

    public override Tensor forward(Value.Torch hidden) => output.call(norm.call(PooledVectors.MeanMax(hidden)));    // [B,T,C] -> [B,K]
}
