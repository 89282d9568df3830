using static TorchSharp.torch;

namespace Cclm.Training;

/// <summary>The processes that train one model together.</summary>
/// <remarks>
/// A step's batches (<see cref="TrainingOptions.Accumulate"/>) are dealt to the ranks in turns, their gradients are summed over all, and every rank
/// makes the same update. So a run on any number of ranks is the run of one process with the same options: chance is a function of the batch,
/// not of the rank, and only the order of the sum differs (not at all where each of two ranks has one batch of a step).
/// Goyal et al. 2017, "Accurate, Large Minibatch SGD".
/// </remarks>
public abstract class Ranks
{
    /// <summary>Those that this process trains with: itself alone, until it joins others (<see cref="MpiRanks.Run"/>).</summary>
    public static Ranks Current { get; private protected set; } = new Alone();

    /// <summary>Which of them this process is, from 0. The first is the one that writes and speaks.</summary>
    public abstract int Rank { get; }

    /// <summary>How many there are.</summary>
    public abstract int Count { get; }

    /// <summary>Whether this rank does a batch of a step.</summary>
    internal bool Does(int batch) => batch % Count == Rank;

    /// <exception cref="ArgumentException">A step's batches can not be dealt out alike.</exception>
    internal void Check(TrainingOptions options)
    {
        if (options.Accumulate % Count != 0)
        {
            throw new ArgumentException($"A step is of {options.Accumulate} batches, which {Count} ranks can not share alike; expected a multiple of {Count}. Pass --accumulate {Count}, or more.");
        }
    }

    /// <summary>Replaces float32 values, which lie one behind the other, by their sums over all ranks.</summary>
    internal abstract void Sum(Tensor values);

    /// <summary>The first rank's value.</summary>
    internal abstract double OfFirst(double value);

    /// <summary>Whether it is so on any rank.</summary>
    internal abstract bool Any(bool here);

    /// <summary>Waits until all have come so far.</summary>
    internal void Wait() => Any(false);

    sealed class Alone : Ranks
    {
        public override int Rank => 0;

        public override int Count => 1;

        internal override void Sum(Tensor values)
        {
        }

        internal override double OfFirst(double value) => value;

        internal override bool Any(bool here) => here;
    }
}
