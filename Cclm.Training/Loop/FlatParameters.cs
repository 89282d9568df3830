using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Cclm.Training;

/// <summary>AdamW (Loshchilov and Hutter 2019) over one flat buffer that all parameters are views of.</summary>
/// <remarks>A step is then a handful of native calls however many parameters there are, where one by one small models spend their time in dispatch.</remarks>
sealed class FlatParameters : IDisposable
{
    const double Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;

    readonly Parameter[] parameters;
    readonly Slice[] slices;
    readonly Tensor values, gradients, mean, square;
    readonly Tensor? average;
    readonly double averageDecay;

    /// <param name="groups">The parameters. Each is moved into the flat buffer; it keeps its shape and its identity.</param>
    /// <param name="averageDecay">Decay a step of an exponential moving average of the weights; 0 is none.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public FlatParameters(IReadOnlyList<ParameterGroup> groups, double averageDecay = 0)
    {
        using var frozen = no_grad();
        // Matrices of a group first, so that what decays of it is one slice.
        this.parameters = [.. groups.SelectMany(group => group.Parameters.OrderBy(parameter => parameter.dim() > 1 ? 0 : 1))];
        if (this.parameters.Length == 0)
        {
            throw new ArgumentException("There is nothing to train: every weight is frozen. Unfreeze a part, or train with a head that has weights.");
        }
        var device = this.parameters[0].device;
        var size = this.parameters.Sum(parameter => parameter.numel());
        (values, gradients, mean, square) = (zeros(size, device: device), zeros(size, device: device), zeros(size, device: device), zeros(size, device: device));
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
        (this.averageDecay, average) = (averageDecay, averageDecay > 0 ? values.clone() : null);
        slices = [.. Slices(groups)];
    }

    IEnumerable<Slice> Slices(IReadOnlyList<ParameterGroup> groups)
    {
        var start = 0L;
        foreach (var group in groups)
        {
            var (length, matrices) = (group.Parameters.Sum(parameter => parameter.numel()), group.Parameters.Where(parameter => parameter.dim() > 1).Sum(parameter => parameter.numel()));
            Tensor Of(Tensor buffer, long size) => buffer.narrow(0, start, size);
            yield return new(group, Of(values, length), Of(gradients, length), Of(mean, length), Of(square, length), Of(values, matrices));
            start += length;
        }
    }

    /// <summary>The buffer [N] that the parameters are views of: what is written into it is their value.</summary>
    public Tensor Values => values;

    /// <summary>The gradients [N] that the next step is made from.</summary>
    public Tensor Gradients => gradients;

    /// <summary>The averaged weights [N], or those of the last step where no average is kept.</summary>
    public Tensor Averaged => average ?? values;

    /// <summary>Steps done.</summary>
    public int Steps { get; set; }

    /// <summary>What a run needs besides the weights to go on, by name; each [N] and writable in place.</summary>
    public IReadOnlyDictionary<string, Tensor> State => average is null
        ? new Dictionary<string, Tensor> { ["mean"] = mean, ["square"] = square }
        : new Dictionary<string, Tensor> { ["mean"] = mean, ["square"] = square, ["average"] = average };

    /// <summary>Forgets the gradients of the last step.</summary>
    public void ZeroGradients() => gradients.zero_();

    /// <summary>One update from the gradients that backward left.</summary>
    public void Step(double learningRate, double weightDecay, double clipNorm)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var trained = slices.Where(slice => Steps >= slice.Group.Start).ToList();
        foreach (var waiting in slices.Except(trained))
        {
            waiting.Gradients.zero_();
        }
        Steps++;
        var scale = gradients.norm().add(Scalars.Kept(1e-6), Scalars.One).reciprocal_().mul_(Scalars.Kept(clipNorm));
        gradients.mul_(scale.clamp(max: Scalars.One));      // no value leaves the device
        foreach (var slice in trained)
        {
            slice.Step(Steps - slice.Group.Start, learningRate * slice.Group.Share, weightDecay);
        }
        // A short run is averaged over as much of it as there is (Polyak averaging with a growing window).
        average?.lerp_(values, 1 - Math.Min(averageDecay, (1.0 + Steps) / (10.0 + Steps)));
    }

    /// <summary>Does something with the averaged weights in place of those of the last step.</summary>
    public T WithAverage<T>(Func<T> work)
    {
        if (average is null)
        {
            return work();
        }
        using var frozen = no_grad();
        using var last = values.clone();
        values.copy_(average);
        try
        {
            return work();
        }
        finally
        {
            values.copy_(last);
        }
    }

    /// <summary>Frees the optimizer's state; the parameters keep what they learned.</summary>
    public void Dispose()
    {
        foreach (var parameter in parameters)
        {
            parameter.grad = null;
        }
        foreach (var slice in slices)
        {
            slice.Dispose();
        }
        foreach (var tensor in (ReadOnlySpan<Tensor?>)[values, gradients, mean, square, average])
        {
            tensor?.Dispose();
        }
    }

    /// <summary>What of the buffers is one group's.</summary>
    sealed record Slice(ParameterGroup Group, Tensor Values, Tensor Gradients, Tensor Mean, Tensor Square, Tensor Decayed) : IDisposable
    {
        /// <param name="step">Which of the group's own steps this is, from 1.</param>
        /// <param name="learningRate">The group's own.</param>
        /// <param name="weightDecay">AdamW's.</param>
        public void Step(int step, double learningRate, double weightDecay)
        {
            using var kept = (1 - (learningRate * weightDecay)).ToScalar();
            using var variance = (1 - Math.Pow(Beta2, step)).ToScalar();
            using var rate = (-learningRate / (1 - Math.Pow(Beta1, step))).ToScalar();
            Mean.mul_(Scalars.Kept(Beta1)).add_(Gradients, Scalars.Kept(1 - Beta1));
            Square.mul_(Scalars.Kept(Beta2)).addcmul_(Gradients, Gradients, Scalars.Kept(1 - Beta2));
            Decayed.mul_(kept);
            Values.addcdiv_(Mean, Square.div(variance).sqrt_().add_(Scalars.Kept(Epsilon), Scalars.One), rate);
        }

        public void Dispose()
        {
            foreach (var tensor in (ReadOnlySpan<Tensor>)[Values, Gradients, Mean, Square, Decayed])
            {
                tensor.Dispose();
            }
        }
    }
}

/// <summary>Parameters that are trained alike.</summary>
/// <param name="Parameters">The parameters.</param>
/// <param name="Share">Of the learning rate.</param>
/// <param name="Start">Steps before the first that trains them.</param>
sealed record ParameterGroup(IReadOnlyList<Parameter> Parameters, double Share = 1, int Start = 0);
