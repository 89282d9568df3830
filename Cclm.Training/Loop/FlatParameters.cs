using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Cclm.Training;

/// <summary>AdamW over one flat buffer that all parameters are views of.</summary>
/// <remarks>
/// A step is one pass over memory on a CPU (<see cref="HostAdamW"/>), a handful of native calls elsewhere, however many parameters there are.
/// A weight whose gradient is exactly 0 stays as it is, with its moments: what of a table is not in a batch costs next to nothing, as in PyTorch's
/// <c>SparseAdam</c>, and no row drifts by what it was told long ago.
/// </remarks>
sealed class FlatParameters : IDisposable
{
    readonly Place[] places;
    readonly Tensor values, gradients, mean, square;
    readonly Tensor? average;
    readonly double averageDecay;
    readonly HostAdamW? host;
    readonly DeviceAdamW device;
    IReadOnlyList<WeightRange> ranges = [];         // whose gradients are in the buffer

    /// <param name="groups">The parameters. Each is moved into the flat buffer; it keeps its shape and its identity.</param>
    /// <param name="averageDecay">Decay a step of an exponential moving average of the weights; 0 is none.</param>
    /// <param name="byOperators">Whether libtorch's operators update weights on a CPU too.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public FlatParameters(IReadOnlyList<ParameterGroup> groups, double averageDecay = 0, bool byOperators = false)
    {
        using var frozen = no_grad();
        // Matrices of a group first, so that what decays of it lies side by side.
        var parameters = groups.SelectMany(group => group.Parameters.OrderBy(parameter => parameter.dim() > 1 ? 0 : 1).Select(parameter => (Group: group, Parameter: parameter))).ToList();
        if (parameters.Count == 0)
        {
            throw new ArgumentException("There is nothing to train: every weight is frozen. Unfreeze a part, or train with a head that has weights.");
        }
        var where = parameters[0].Parameter.device;
        var size = parameters.Sum(each => each.Parameter.numel());
        (values, gradients, mean, square) = (zeros(size, device: where), zeros(size, device: where), zeros(size, device: where), zeros(size, device: where));
        var start = 0L;
        places = [.. parameters.Select(each =>
        {
            var range = new WeightRange(each.Group, start, each.Parameter.numel(), Decays: each.Parameter.dim() > 1, IsTable: false);
            start += range.Length;
            return Move(each.Parameter, range);
        })];
        All = [.. places.Select(place => place.Parameter)];
        (this.averageDecay, average) = (averageDecay, averageDecay > 0 ? values.clone() : null);
        (host, device) = (where.type == DeviceType.CPU && !byOperators ? new(values, gradients, mean, square) : null, new(values, gradients, mean, square));
    }

    /// <summary>Moves a parameter into the buffer.</summary>
    Place Move(Parameter parameter, WeightRange range)
    {
        using var place = values.narrow(0, range.Start, range.Length);
        using var flat = parameter.reshape(-1);
        using var view = place.view(parameter.shape);
        using var gradient = gradients.narrow(0, range.Start, range.Length);
        place.copy_(flat);
        parameter.set_(view);
        parameter.grad = null;
        return new(parameter, range, gradient.view(parameter.shape));
    }

    /// <summary>The buffer [N] that the parameters are views of: what is written into it is their value.</summary>
    public Tensor Values => values;

    /// <summary>The averaged weights [N], or those of the last step where no average is kept.</summary>
    public Tensor Averaged => average ?? values;

    /// <summary>Steps done.</summary>
    public int Steps { get; set; }

    /// <summary>What a run needs besides the weights to go on, by name; each [N] and writable in place.</summary>
    public IReadOnlyDictionary<string, Tensor> State => average is null
        ? new Dictionary<string, Tensor> { ["mean"] = mean, ["square"] = square }
        : new Dictionary<string, Tensor> { ["mean"] = mean, ["square"] = square, ["average"] = average };

    /// <summary>The parameters, in the order of their weights.</summary>
    public IList<Tensor> All { get; }

    /// <summary>Adds a batch's gradients, which backward has not left with the parameters: their sum, in the order of the parts.</summary>
    /// <param name="parts">Of each part of the batch, the gradient of each of <see cref="All"/>; null, or an invalid one, is none.</param>
    /// <param name="scale">What the sum is multiplied with.</param>
    public void Add(IReadOnlyList<IReadOnlyList<Tensor?>> parts, double scale = 1)
    {
        using var factor = scale.ToScalar();
        using var frozen = no_grad();
        for (var i = 0; i < places.Length; i++)
        {
            Tensor[] there = [.. parts.Select(part => part[i]).OfType<Tensor>().Where(gradient => !gradient.IsInvalid)];
            if (there.Length > 0)
            {
                using var sum = SumOf(there);
                places[i].Add(scale == 1 ? sum : sum.mul_(factor));
            }
        }
    }

    /// <summary>A tensor of its own, as several parameters may have one gradient in common.</summary>
    static Tensor SumOf(Tensor[] gradients)
    {
        using var scope = NewDisposeScope();
        if (gradients[0].is_sparse)
        {
            return sparse_coo_tensor(cat([.. gradients.Select(gradient => gradient.SparseIndices)], 1), cat([.. gradients.Select(gradient => gradient.SparseValues)], 0), gradients[0].shape).MoveToOuterDisposeScope();
        }
        var sum = gradients[0].clone();
        foreach (var gradient in gradients[1..])
        {
            sum.add_(gradient, Scalars.One);
        }
        return sum.MoveToOuterDisposeScope();
    }

    /// <summary>Forgets all gradients.</summary>
    public void Forget()
    {
        using var frozen = no_grad();
        gradients.zero_();
        foreach (var place in places.Where(place => !place.Joined))
        {
            place.Parameter.grad = null;
        }
    }

    /// <summary>All gradients [N] that the next step is made from, those of tables too; what is written into them is their value.</summary>
    public Tensor WholeGradients()
    {
        TakeGradients(rows: false);
        return gradients;
    }

    /// <summary>One update from the gradients that backward left, which are forgotten.</summary>
    public void Step(double learningRate, double weightDecay, double clipNorm)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        bool Trained(WeightRange range) => Steps >= range.Group.Start;
        var tables = TakeGradients(rows: host is not null).Where(table => Trained(table.Table)).ToList();
        foreach (var waiting in ranges.Where(range => !Trained(range)))
        {
            gradients.narrow(0, waiting.Start, waiting.Length).zero_();
        }
        var trained = ranges.Where(Trained).ToList();
        Steps++;
        AdamWStep Numbers(WeightRange range, float scale) => AdamWStep.Of(range, Steps - range.Group.Start, learningRate, weightDecay, scale);
        if (host is null)
        {
            device.Clip(clipNorm);
            trained.ForEach(range => device.Update(range, Numbers(range, scale: 1)));
        }
        else
        {
            // Summed parameter by parameter: which of them have had a gradient before, which a run that goes on does not know, changes no bit of it.
            var scale = host.ClipScale(clipNorm, places.Where(place => place.Joined && Trained(place.Range)).Select(place => place.Range), tables);
            trained.ForEach(range => host.Update(range, Numbers(range, scale)));
            tables.ForEach(table => host.Update(table, Numbers(table.Table, scale)));
            tables.ForEach(table => table.Dispose());
        }
        // A short run is averaged over as much of it as there is (Polyak averaging with a growing window).
        average?.lerp_(values, 1 - Math.Min(averageDecay, (1.0 + Steps) / (10.0 + Steps)));
    }

    /// <summary>Takes the gradients that backward did not add to the buffer: the first of each parameter, and those of few rows of a table.</summary>
    /// <param name="rows">Whether those of few rows are given back by themselves; else they too go into the buffer, from then on by backward.</param>
    List<RowGradients> TakeGradients(bool rows)
    {
        using var frozen = no_grad();
        List<RowGradients> tables = [];
        foreach (var place in places.Where(place => !place.Joined))
        {
            if (place.Parameter.grad is not { } gradient)
            {
                continue;                                       // not in this step
            }
            place.Range = place.Range with { IsTable = gradient.is_sparse };
            if (gradient.is_sparse && rows)
            {
                place.Parameter.grad = null;
                tables.Add(new(place.Range, gradient));
                continue;
            }
            place.Gradient.add_(gradient, Scalars.One);         // which is 0 until then
            (place.Parameter.grad, place.Joined) = (place.Gradient, true);
            ranges = WeightRange.Joined(places.Where(each => each.Joined).Select(each => each.Range));
        }
        Parallel.ForEach(tables, new ParallelOptions { MaxDegreeOfParallelism = get_num_threads() }, table => table.Sum());
        return tables;
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
        foreach (var place in places)
        {
            place.Parameter.grad = null;
            place.Gradient.Dispose();
        }
        foreach (var tensor in (ReadOnlySpan<Tensor?>)[values, gradients, mean, square, average])
        {
            tensor?.Dispose();
        }
    }

    /// <summary>A parameter, its weights among all, and its part of the gradients' buffer.</summary>
    sealed class Place(Parameter parameter, WeightRange range, Tensor gradient)
    {
        public Parameter Parameter => parameter;

        public WeightRange Range { get; set; } = range;

        public Tensor Gradient => gradient;

        /// <summary>Whether backward adds to the buffer.</summary>
        public bool Joined { get; set; }

        public void Add(Tensor gradient)
        {
            if (Parameter.grad is { is_sparse: false } sum)
            {
                sum.add_(gradient, Scalars.One);
            }
            else
            {
                Parameter.grad = Parameter.grad?.add(gradient, Scalars.One) ?? gradient;
            }
        }
    }
}

/// <summary>Parameters that are trained alike.</summary>
/// <param name="Parameters">The parameters.</param>
/// <param name="Share">Of the learning rate.</param>
/// <param name="Start">Steps before the first that trains them.</param>
sealed record ParameterGroup(IReadOnlyList<Parameter> Parameters, double Share = 1, int Start = 0);
