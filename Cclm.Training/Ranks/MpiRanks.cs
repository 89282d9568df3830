using static TorchSharp.torch;

namespace Cclm.Training;

/// <summary>The processes that <c>mpirun</c> or <c>srun</c> started, joined by MPI.</summary>
/// <remarks>One thread at a time may use it: the one that trains.</remarks>
public sealed class MpiRanks : Ranks
{
    readonly MpiLibrary mpi;
    readonly Ranks before = Current;
    bool left;

    MpiRanks(MpiLibrary mpi)
    {
        this.mpi = mpi;
        (Rank, Count) = (mpi.Rank, mpi.Count);
        Current = this;
    }

    /// <inheritdoc/>
    public override int Rank { get; }

    /// <inheritdoc/>
    public override int Count { get; }

    /// <summary>Joins the other processes. A process can do that once.</summary>
    /// <param name="library">MPI's library: a path or a name; where null, that of Open MPI or of MPICH is looked for, whichever the process was started by.</param>
    /// <exception cref="InvalidOperationException">There is no library, or it is another's than the one that started the process.</exception>
    public static MpiRanks Join(string? library = null)
    {
        var mpi = MpiLibrary.Open(library);
        mpi.Start();
        if (MpiLaunch.Count is { } started && started != mpi.Count)
        {
            throw new InvalidOperationException($"{started} processes were started together, but '{mpi.Name}' knows of {mpi.Count}: another MPI started them. Name its library, such as --mpi-library libmpi.so.12, or start them with its own mpirun.");
        }
        return new(mpi);
    }

    /// <summary>Ends all ranks at once, with an exit code: the others would wait for this one for ever.</summary>
    public void Abort(int code) => mpi.Abort(code);

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (!left)
        {
            left = true;
            Current = before;
            mpi.Finish();
        }
    }

    internal override void Sum(Tensor values)
    {
        using var here = values.cpu();          // itself, where it lies there
        mpi.Sum(here.bytes, here.numel());
        if (values.device_type != TorchSharp.DeviceType.CPU)
        {
            values.copy_(here);
        }
    }

    internal override double OfFirst(double value) => mpi.Sum(Rank == 0 ? value : 0);

    internal override bool Any(bool here) => mpi.Sum(here ? 1 : 0) > 0;
}
