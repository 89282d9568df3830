using TorchSharp;
using static TorchSharp.torch;

namespace Cclm.Training;

/// <summary>AdamW by libtorch's operators, on a device of any kind.</summary>
/// <param name="values">Weights, [N].</param>
/// <param name="gradients">Their gradients, [N].</param>
/// <param name="mean">The moving mean of the gradients, [N].</param>
/// <param name="square">The moving mean of their squares, [N].</param>
sealed class DeviceAdamW(Tensor values, Tensor gradients, Tensor mean, Tensor square)
{
    /// <summary>Scales gradients, so that together they are not longer than a norm; no value leaves the device.</summary>
    public void Clip(double clipNorm)
    {
        using var scope = NewDisposeScope();
        gradients.mul_(gradients.norm().add(Scalars.Kept(1e-6), Scalars.One).reciprocal_().mul_(Scalars.Kept(clipNorm)).clamp(max: Scalars.One));
    }

    /// <summary>Updates weights from their gradients, which are 0 afterwards.</summary>
    public void Update(WeightRange range, AdamWStep step)
    {
        using var scope = NewDisposeScope();
        using var decayed = ((double)step.Kept - 1).ToScalar();
        using var variance = ((double)step.Variance).ToScalar();
        using var rate = (-(double)step.Rate).ToScalar();
        Tensor Of(Tensor buffer) => buffer.narrow(0, range.Start, range.Length);
        var (value, gradient, first, second) = (Of(values), Of(gradients), Of(mean), Of(square));
        var touched = gradient.ne(Scalars.Kept(0)).to(gradient.dtype);
        first.add_(gradient.sub(first).mul_(touched), Scalars.Kept(1 - AdamWStep.Beta1));
        second.add_(gradient.mul(gradient).sub_(second).mul_(touched), Scalars.Kept(1 - AdamWStep.Beta2));
        value.add_(value.mul(touched), decayed);
        value.addcdiv_(first.mul(touched), second.div(variance).sqrt_().add_(Scalars.Kept(AdamWStep.Epsilon), Scalars.One), rate);
        gradient.zero_();
    }
}
