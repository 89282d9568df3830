using TorchSharp;
using static TorchSharp.torch;

namespace Cclm.Training;

/// <summary>The loss of a batch, and its gradients.</summary>
/// <remarks>
/// On a CPU a batch is dealt: each thread takes texts of its own from their first operator to their last, so that none waits for another at the end
/// of each operator, and none looks on while one does what only one can. Where the loss is a mean of losses of their own, a few texts at a time go
/// all the way to it and back, and what layers keep for backward is there for those alone. Elsewhere head and loss see all texts together, whatever
/// the task compares. Gradients are summed in the same order each time, so that a run that is repeated ends in the same bits.
/// A batch of fewer texts than threads is not dealt: its operators have all threads.
/// </remarks>
sealed class BackwardPass : IDisposable
{
    const int TextsAtOnce = 8;          // of a thread, where texts go all the way by themselves

    readonly FlatParameters parameters;
    readonly TrainingOptions options;
    readonly HashSet<Pretrainer> tried = [];
    readonly int lanes;                 // that texts are dealt to; none on a GPU
    readonly RowThreads? threads;       // of more lanes than one

    public BackwardPass(FlatParameters parameters, TrainingOptions options)
    {
        (this.parameters, this.options) = (parameters, options);
        lanes = parameters.Values.device_type == DeviceType.CPU ? get_num_threads() : 0;
        threads = lanes > 1 ? new(lanes) : null;
    }

    /// <summary>Adds a batch's gradients to those of the parameters.</summary>
    /// <param name="pretrainer">Whose loss.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="seed">All chance comes from here.</param>
    /// <param name="share">What the loss is multiplied with.</param>
    /// <returns>The loss, multiplied.</returns>
    public Tensor Run(Pretrainer pretrainer, Batch batch, long seed, double share)
    {
        using var precision = MixedPrecision.Use(options.Precision);
        var losses = lanes > 0 ? pretrainer.LossesOfTheirOwn(batch) : 0;
        var apart = losses > 0 && batch.Texts > TextsAtOnce;
        var dealt = lanes > 0 && batch.Texts >= lanes && (lanes > 1 || apart);
        if (dealt && tried.Add(pretrainer))
        {
            TryOne(pretrainer, batch);
        }
        random.manual_seed(seed);
        if (dealt)
        {
            return losses > 0 ? Apart(pretrainer, batch, losses, seed, share) : Together(pretrainer, batch, seed, share);
        }
        using var chance = DropoutChance.Use(seed, 0, batch.Texts);
        return Backward(pretrainer, pretrainer.Read(batch), batch, share);
    }

    public void Dispose() => threads?.Dispose();

    /// <summary>Goes through one text and back before the first gradients of a task, in vain.</summary>
    /// <remarks>What can not be, such as that a layer changes a tensor which backward needs, is an error here, and the end of the process in <c>autograd.grad</c> (TorchSharp 0.107).</remarks>
    void TryOne(Pretrainer pretrainer, Batch batch)
    {
        using var scope = NewDisposeScope();
        var hidden = pretrainer.Read(batch, 0, 1);
        var last = pretrainer.LossesOfTheirOwn(batch) > 0 ? pretrainer.LossOf(hidden, batch.Part(0, 1), options.LabelSmoothing) : hidden.Tensor.sum();
        if (last.requires_grad)
        {
            last.backward();
            parameters.Forget();
        }
    }

    Tensor Backward(Pretrainer pretrainer, Value.Torch hidden, Batch batch, double share)
    {
        var loss = pretrainer.LossOf(hidden, batch, options.LabelSmoothing).mul(Scalars.Kept(share));
        loss.backward();
        return loss;
    }

    /// <summary>Texts go to their losses and back a few at a time.</summary>
    Tensor Apart(Pretrainer pretrainer, Batch batch, int losses, long seed, double share)
    {
        var count = lanes * (int)Math.Ceiling(batch.Texts / (double)(lanes * TextsAtOnce));
        var lost = new double[count];
        GradientSum[] sums = [.. Enumerable.Range(0, lanes).Select(_ => new GradientSum(parameters.All))];
        try
        {
            Each(lanes, lane =>
            {
                for (var i = lane; i < count; i += lanes)
                {
                    var first = batch.Texts * i / count;
                    var part = batch.Part(first, (batch.Texts * (i + 1) / count) - first);
                    using var scope = NewDisposeScope();
                    using var products = MixedPrecision.Use(options.Precision);
                    using var chance = DropoutChance.Use(seed, first, part.Texts);
                    using var weight = (share * pretrainer.LossesOfTheirOwn(part) / losses).ToScalar();
                    var loss = pretrainer.LossOf(pretrainer.Read(part), part, options.LabelSmoothing).mul(weight);
                    sums[lane].AddOf(loss);
                    lost[i] = loss.item<float>();
                }
            });
            parameters.Add([.. sums.Select(sum => sum.Gradients)]);
            return tensor((float)lost.Sum());
        }
        finally
        {
            Array.ForEach(sums, sum => sum.Dispose());
        }
    }

    /// <summary>Embedder and tower take the texts in as many parts as there are lanes; head and loss see all of them.</summary>
    Tensor Together(Pretrainer pretrainer, Batch batch, long seed, double share)
    {
        var parts = new Part[lanes];
        try
        {
            Each(lanes, i => parts[i] = new(pretrainer, batch, batch.Texts * i / lanes, batch.Texts * (i + 1) / lanes, seed, options.Precision));
            var hidden = Joined([.. parts.Select(part => part.Hidden)]);
            using var chance = DropoutChance.Use(seed, 0, batch.Texts, parts[0].Drawn);
            var loss = Backward(pretrainer, hidden, batch, share);
            if (hidden.Tensor.grad is { } gradient)
            {
                Each(lanes, i => parts[i].Backward(gradient, parameters.All));
                parameters.Add([.. parts.Select(part => part.Gradients).Where(each => each.Count > 0)]);
            }
            return loss;
        }
        finally
        {
            Each(lanes, i => parts[i]?.Dispose());
        }
    }

    /// <summary>Does something for each lane, on its thread.</summary>
    void Each(int count, Action<int> lane)
    {
        if (threads is null)
        {
            lane(0);
        }
        else
        {
            threads.Each(count, lane);
        }
    }

    /// <summary>What the tower said of all texts, from which backward goes no further.</summary>
    static Value.Torch Joined(IReadOnlyList<Value.Torch> parts)
    {
        using var frozen = no_grad();
        var hidden = cat([.. parts.Select(part => part.Tensor)], 0);
        var mask = parts.All(part => part.Mask is null) ? null : cat([.. parts.Select(part => part.Mask ?? NoPadding(part.Tensor))], 0);
        return new(hidden.requires_grad_(parts.Any(part => part.Tensor.requires_grad)), mask);
    }

    static Tensor NoPadding(Tensor hidden) => ones(hidden.shape[0], hidden.shape[1], ScalarType.Bool);

    /// <summary>Some rows of a batch, from their ids to their gradients; all on one thread.</summary>
    sealed class Part : IDisposable
    {
        readonly int first, count;
        readonly DisposeScope scope = NewDisposeScope();

        public Part(Pretrainer pretrainer, Batch batch, int first, int end, long seed, Precision precision)
        {
            (this.first, count) = (first, end - first);
            using var products = MixedPrecision.Use(precision);
            using var chance = DropoutChance.Use(seed, first, count);
            try
            {
                Hidden = pretrainer.Read(batch, first, count);
            }
            catch
            {
                scope.Dispose();
                throw;
            }
            Drawn = chance.Drawn;
        }

        /// <summary>What the tower says of the rows.</summary>
        public Value.Torch Hidden { get; }

        /// <summary>How many layers drew chance.</summary>
        public int Drawn { get; }

        /// <summary>Of each parameter, invalid where it has none; nothing before <see cref="Backward"/>, and where no weight is trained.</summary>
        public IReadOnlyList<Tensor> Gradients { get; private set; } = [];

        public void Backward(Tensor gradient, IList<Tensor> parameters)
        {
            if (Hidden.Tensor.requires_grad)
            {
                Gradients = [.. autograd.grad([Hidden.Tensor], parameters, [gradient.narrow(0, first, count)], allow_unused: true)];
            }
        }

        public void Dispose() => scope.Dispose();
    }
}
