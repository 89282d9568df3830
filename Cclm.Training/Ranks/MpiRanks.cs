using static TorchSharp.torch;

namespace Cclm.Training;

/// <summary>The processes that <c>mpirun</c> or <c>srun</c> started, joined by MPI.</summary>
/// <remarks>One thread at a time may use it: the one that trains.</remarks>
public sealed class MpiRanks : Ranks
{
    /// <summary>How long the first rank has to say what went wrong on all.</summary>
    static readonly TimeSpan FirstSpeaks = TimeSpan.FromSeconds(3);

    readonly MpiLibrary mpi;

    MpiRanks(MpiLibrary mpi)
    {
        this.mpi = mpi;
        (Rank, Count) = (mpi.Rank, mpi.Count);
    }

    /// <inheritdoc/>
    public override int Rank { get; }

    /// <inheritdoc/>
    public override int Count { get; }

    /// <summary>Joins the other processes for a piece of work; a process can do that once. Where the work fails all ranks are ended, as the others would wait for this one for ever.</summary>
    /// <param name="work">What they do together.</param>
    /// <param name="failed">Told why the work failed on this rank; the exit code of all is its answer. The first rank is told first.</param>
    /// <param name="library">MPI's library: a path or a name; where null, that of Open MPI or of MPICH is looked for, whichever the process was started by.</param>
    /// <exception cref="InvalidOperationException">There is no library, or it is another's than the one that started the process.</exception>
    public static T Run<T>(Func<Ranks, T> work, Func<Exception, int> failed, string? library = null)
    {
        var (alone, ranks) = (Current, Join(library));
        Current = ranks;
        try
        {
            var result = work(ranks);
            ranks.mpi.Finish();
            return result;
        }
        catch (Exception e)
        {
            Thread.Sleep(ranks.Rank == 0 ? TimeSpan.Zero : FirstSpeaks);
            ranks.mpi.Abort(failed(e));
            throw;
        }
        finally
        {
            Current = alone;
        }
    }

    static MpiRanks Join(string? library)
    {
        var mpi = MpiLibrary.Open(library);
        mpi.Start();
        if (MpiLaunch.Count is { } started && started != mpi.Count)
        {
            throw new InvalidOperationException($"{started} processes were started together, but '{mpi.Name}' knows of {mpi.Count}: another MPI started them, or none. Start them with its own mpirun or, under Slurm, with srun --mpi=pmix; or name the library of the MPI that started them (--mpi-library libmpi.so.12).");
        }
        return new(mpi);
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
