using TorchSharp;
using static TorchSharp.torch;

namespace Cclm.Training;

/// <summary>The loss of a batch, and its gradients.</summary>
/// <remarks>
/// On a CPU with several threads, embedder and tower take the batch's texts in as many parts, each on a thread of its own from its first operator to
/// its last: no thread waits for another at the end of each operator, and none looks on while one does what only one can. The head and the loss
/// see all texts together, whatever the task compares. Gradients are summed part by part, so that a run that is repeated ends in the same bits.
/// A batch of fewer texts than threads is not dealt: its operators have all threads.
/// </remarks>
sealed class BackwardPass(FlatParameters parameters, TrainingOptions options) : IDisposable
{
    readonly HashSet<Pretrainer> tried = [];
    readonly RowThreads? threads = parameters.Values.device_type == DeviceType.CPU && get_num_threads() > 1 ? new(get_num_threads()) : null;

    /// <summary>Adds a batch's gradients to those of the parameters.</summary>
    /// <param name="pretrainer">Whose loss.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="seed">All chance comes from here.</param>
    /// <param name="share">What the loss is multiplied with.</param>
    /// <returns>The loss, multiplied.</returns>
    public Tensor Run(Pretrainer pretrainer, Batch batch, long seed, double share)
    {
        using var precision = MixedPrecision.Use(options.Precision);
        if (threads is not null && tried.Add(pretrainer))
        {
            TryOne(pretrainer, batch);
        }
        random.manual_seed(seed);
        if (threads is not null && batch.Texts >= threads.Count)
        {
            return InParts(threads, pretrainer, batch, seed, share);
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
        var hidden = pretrainer.Read(batch, 0, 1).Tensor;
        if (hidden.requires_grad)
        {
            hidden.sum().backward();
            parameters.Forget();
        }
    }

    Tensor Backward(Pretrainer pretrainer, Value.Torch hidden, Batch batch, double share)
    {
        var loss = pretrainer.LossOf(hidden, batch, options.LabelSmoothing).mul(Scalars.Kept(share));
        loss.backward();
        return loss;
    }

    Tensor InParts(RowThreads threads, Pretrainer pretrainer, Batch batch, long seed, double share)
    {
        var count = threads.Count;
        var parts = new Part[count];
        try
        {
            threads.Each(count, i => parts[i] = new(pretrainer, batch, batch.Texts * i / count, batch.Texts * (i + 1) / count, seed, options.Precision));
            var hidden = Together([.. parts.Select(part => part.Hidden)]);
            using var chance = DropoutChance.Use(seed, 0, batch.Texts, parts[0].Drawn);
            var loss = Backward(pretrainer, hidden, batch, share);
            if (hidden.Tensor.grad is { } gradient)
            {
                threads.Each(count, i => parts[i].Backward(gradient, parameters.All));
                parameters.Add([.. parts.Select(part => part.Gradients).Where(each => each.Count > 0)]);
            }
            return loss;
        }
        finally
        {
            threads.Each(count, i => parts[i]?.Dispose());
        }
    }

    /// <summary>What the tower said of all texts, from which backward goes no further.</summary>
    static Value.Torch Together(IReadOnlyList<Value.Torch> parts)
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
        public IList<Tensor> Gradients { get; private set; } = [];

        public void Backward(Tensor gradient, IList<Tensor> parameters)
        {
            if (Hidden.Tensor.requires_grad)
            {
                Gradients = autograd.grad([Hidden.Tensor], parameters, [gradient.narrow(0, first, count)], allow_unused: true);
            }
        }

        public void Dispose() => scope.Dispose();
    }
}
