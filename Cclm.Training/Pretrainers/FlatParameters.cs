using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Cclm.Training;

/// <summary>AdamW (Loshchilov and Hutter 2019) over one flat buffer that all parameters are views of.</summary>
/// <remarks>A step is then a handful of native calls however many parameters there are, where one by one small models spend their time in dispatch.</remarks>
sealed class FlatParameters : IDisposable
{
    const double Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;

    readonly Parameter[] parameters;
    readonly Tensor values, gradients, mean, square, decayed;
    int step;

    /// <param name="parameters">Each is moved into the flat buffer; it keeps its shape and its identity.</param>
    public FlatParameters(IEnumerable<Parameter> parameters)
    {
        using var frozen = no_grad();
        // Matrices first, so that what decays is one slice.
        this.parameters = [.. parameters.OrderBy(parameter => parameter.dim() > 1 ? 0 : 1)];
        var device = this.parameters[0].device;
        var size = this.parameters.Sum(parameter => parameter.numel());
        (values, gradients, mean, square) = (zeros(size, device: device), zeros(size, device: device), zeros(size, device: device), zeros(size, device: device));
        decayed = values.narrow(0, 0, this.parameters.Where(parameter => parameter.dim() > 1).Sum(parameter => parameter.numel()));
        var offset = 0L;
        foreach (var parameter in this.parameters)
        {
            using var place = values.narrow(0, offset, parameter.numel());
            using var flat = parameter.reshape(-1);
            using var view = place.view(parameter.shape);
            using var gradient = gradients.narrow(0, offset, parameter.numel());
            place.copy_(flat);
            parameter.set_(view);
            parameter.grad = gradient.view(parameter.shape);
            offset += parameter.numel();
        }
    }

    /// <summary>Forgets the gradients of the last step.</summary>
    public void ZeroGradients() => gradients.zero_();

    /// <summary>One update from the gradients that backward left.</summary>
    public void Step(double learningRate, double weightDecay, double clipNorm)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        step++;
        gradients.mul_((clipNorm / (gradients.norm() + 1e-6)).clamp(max: 1));      // no value leaves the device
        mean.mul_(Beta1).add_(gradients, alpha: 1 - Beta1);
        square.mul_(Beta2).addcmul_(gradients, gradients, value: 1 - Beta2);
        decayed.mul_(1 - (learningRate * weightDecay));
        var deviation = (square / (1 - Math.Pow(Beta2, step))).sqrt_().add_(Epsilon);
        values.addcdiv_(mean, deviation, value: -learningRate / (1 - Math.Pow(Beta1, step)));
    }

    /// <summary>Frees the optimizer's state; the parameters keep what they learned.</summary>
    public void Dispose()
    {
        foreach (var parameter in parameters)
        {
            parameter.grad = null;
        }
        foreach (var tensor in (ReadOnlySpan<Tensor>)[decayed, values, gradients, mean, square])
        {
            tensor.Dispose();
        }
    }
}
