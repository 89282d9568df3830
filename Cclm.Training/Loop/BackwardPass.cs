using TorchSharp;
using static TorchSharp.torch;

namespace Cclm.Training;

/// <summary>The loss of a batch, and its gradients.</summary>
/// <remarks>
/// On a CPU each thread takes texts of its own from their first operator to their last, so that none waits for another at the end of each operator, and
/// none looks on while one does what only one can. Where <see cref="Pretrainer.LossIsOfEachText"/>, a few texts at a time go all the way to their losses
/// and back, with one thread too, and what layers keep for backward is there for those alone. Elsewhere head and loss see all texts together. Gradients
/// are summed in the same order each time, so that a run that is repeated ends in the same bits. Fewer texts than threads are not dealt: operators
/// have all threads then.
/// </remarks>
sealed class BackwardPass : IDisposable
{
    const int TextsAtOnce = 8;          // of a thread

    readonly FlatParameters parameters;
    readonly TrainingOptions options;
    readonly HashSet<Pretrainer> tried = [];
    readonly int count;                 // of threads; none are asked for on a GPU
    readonly RowThreads? threads;       // where they are several

    public BackwardPass(FlatParameters parameters, TrainingOptions options)
    {
        (this.parameters, this.options) = (parameters, options);
        count = parameters.Values.device_type == DeviceType.CPU ? get_num_threads() : 0;
        threads = count > 1 ? new(count) : null;
    }

    /// <summary>Adds a batch's gradients to those of the parameters.</summary>
    /// <param name="pretrainer">Whose loss.</param>
    /// <param name="batch">The batch; the first of a pretrainer comes while there are no gradients.</param>
    /// <param name="seed">All chance comes from here.</param>
    /// <param name="share">What the loss is multiplied with.</param>
    /// <returns>The loss, multiplied.</returns>
    public Tensor Run(Pretrainer pretrainer, Batch batch, long seed, double share)
    {
        using var precision = MixedPrecision.Use(options.Precision);
        if (count > 0 && tried.Add(pretrainer))
        {
            TryOne(pretrainer, batch);
        }
        random.manual_seed(seed);
        if (count > 0 && batch.Texts >= count)
        {
            if (pretrainer.LossIsOfEachText && (count > 1 || batch.Texts > TextsAtOnce))
            {
                return Apart(pretrainer, batch, seed, share);
            }
            if (threads is not null)
            {
                return Together(threads, pretrainer, batch, seed, share);
            }
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
        var last = pretrainer.LossIsOfEachText ? FirstLoss(pretrainer, batch) : pretrainer.Read(batch, 0, 1).Tensor.sum();
        if (last.requires_grad)
        {
            last.backward();
            parameters.Forget();
        }
    }

    /// <summary>The loss of the first text of which something is asked; of the last where there is none.</summary>
    Tensor FirstLoss(Pretrainer pretrainer, Batch batch)
    {
        for (var i = 0; ; i++)
        {
            var one = batch.Slice(i, 1);
            var (loss, asked) = pretrainer.LossOf(pretrainer.Read(one), one, options.LabelSmoothing);
            if (asked > 0 || i == batch.Texts - 1)
            {
                return loss;
            }
        }
    }

    Tensor Backward(Pretrainer pretrainer, Value.Torch hidden, Batch batch, double share)
    {
        var loss = pretrainer.LossOf(hidden, batch, options.LabelSmoothing).Loss.mul(Scalars.Kept(share));
        loss.backward();
        return loss;
    }

    /// <summary>Texts go to their losses and back a few at a time, as many times on each thread.</summary>
    Tensor Apart(Pretrainer pretrainer, Batch batch, long seed, double share)
    {
        var slices = count * (int)Math.Ceiling(batch.Texts / (double)(count * TextsAtOnce));
        var losses = new (double Sum, long Asked)[slices];
        GradientSum[] sums = [.. Enumerable.Range(0, count).Select(_ => new GradientSum(parameters.All))];
        try
        {
            Action<int> work = thread =>
            {
                for (var i = thread; i < slices; i += count)
                {
                    var first = batch.Texts * i / slices;
                    losses[i] = Add(sums[thread], pretrainer, batch.Slice(first, (batch.Texts * (i + 1) / slices) - first), first, seed);
                }
            };
            if (threads is null)
            {
                work(0);
            }
            else
            {
                threads.Each(count, work);
            }
            var scale = share / Math.Max(1, losses.Sum(loss => loss.Asked));
            parameters.Add([.. sums.SelectMany(sum => sum.Terms)], scale);
            return tensor((float)(losses.Sum(loss => loss.Sum) * scale));
        }
        finally
        {
            Array.ForEach(sums, sum => sum.Dispose());
        }
    }

    /// <summary>Adds the gradients of some texts' losses, and gives the sum of these and how many they are.</summary>
    (double Sum, long Asked) Add(GradientSum gradients, Pretrainer pretrainer, Batch slice, int first, long seed)
    {
        using var scope = NewDisposeScope();
        using var products = MixedPrecision.Use(options.Precision);
        using var chance = DropoutChance.Use(seed, first, slice.Texts);
        var (mean, asked) = pretrainer.LossOf(pretrainer.Read(slice), slice, options.LabelSmoothing);
        if (asked == 0)
        {
            return default;
        }
        using var factor = ((double)asked).ToScalar();
        var sum = mean.mul(factor);
        gradients.AddOf(sum);
        return (sum.item<float>(), asked);
    }

    /// <summary>Embedder and tower take the texts in as many parts as there are threads; head and loss see all of them.</summary>
    Tensor Together(RowThreads threads, Pretrainer pretrainer, Batch batch, long seed, double share)
    {
        var parts = new Part[count];
        try
        {
            threads.Each(count, i => parts[i] = new(pretrainer, batch, batch.Texts * i / count, batch.Texts * (i + 1) / count, seed, options.Precision));
            var hidden = Joined([.. parts.Select(part => part.Hidden)]);
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
