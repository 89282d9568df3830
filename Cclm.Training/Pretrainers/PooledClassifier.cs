using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>
/// Classes from a whole text: <c>W LayerNorm([mean_t(x) | max_t(x)]) + b</c>, padding left out. It only trains, so it is a plain module.
/// </summary>
sealed class PooledClassifier : Module<Tensor, Tensor?, Tensor>
{
    readonly LayerNorm norm;
    readonly Linear output;

    public PooledClassifier(int width, int classes) : base(nameof(PooledClassifier))
    {
        (norm, output) = (LayerNorm(2 * width), Linear(2 * width, classes));
        RegisterComponents();
    }

    public Tensor forward(Value.Torch hidden) => forward(hidden.Tensor, hidden.Mask);

    public override Tensor forward(Tensor x, Tensor? mask)                  // [B,T,C], [B,T] -> [B,K]
    {
        var value = new Value.Torch(x, mask);
        var max = ((Value.Torch)value.max_over_time()).Tensor.squeeze(1);   // [B,C]
        var sum = ((Value.Torch)value.zero_padding()).Tensor.sum(1);
        var count = mask is null ? x.new_full([1, 1], Scalars.Kept(x.shape[1])) : mask.sum(1, keepdim: true).clamp_min(Scalars.One);
        return output.call(norm.call(cat([sum / count, max], -1)));
    }
}
