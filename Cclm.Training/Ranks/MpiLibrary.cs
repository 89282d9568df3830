using System.Runtime.InteropServices;

namespace Cclm.Training;

/// <summary>The few functions of MPI that are needed (MPI 4.1 standard, chapters 6 and 11), of whichever library there is.</summary>
/// <remarks>
/// The standard leaves open what handles are: in Open MPI addresses of its symbols, in MPICH and its kin numbers that their common ABI fixes. Both
/// are passed as a machine word, of which a function that takes an int reads the lower half.
/// </remarks>
sealed unsafe class MpiLibrary
{
    const int Serialized = 2;       // MPI_THREAD_SERIALIZED

    readonly delegate* unmanaged<void*, void*, int, int*, int> initialize;
    readonly delegate* unmanaged<nint, int*, int> rank, size;
    readonly delegate* unmanaged<nint, void*, int, nint, nint, nint, int> reduce;
    readonly delegate* unmanaged<int> finish;
    readonly delegate* unmanaged<nint, int, int> abort;
    readonly nint world, sum, singles, doubles, inPlace;

    MpiLibrary(string name, nint library)
    {
        Name = name;
        nint Function(string function) => NativeLibrary.GetExport(library, function);
        initialize = (delegate* unmanaged<void*, void*, int, int*, int>)Function("MPI_Init_thread");
        rank = (delegate* unmanaged<nint, int*, int>)Function("MPI_Comm_rank");
        size = (delegate* unmanaged<nint, int*, int>)Function("MPI_Comm_size");
        reduce = (delegate* unmanaged<nint, void*, int, nint, nint, nint, int>)Function("MPI_Allreduce");
        finish = (delegate* unmanaged<int>)Function("MPI_Finalize");
        abort = (delegate* unmanaged<nint, int, int>)Function("MPI_Abort");
        if (NativeLibrary.TryGetExport(library, "ompi_mpi_comm_world", out world))
        {
            (sum, singles, doubles, inPlace) = (Function("ompi_mpi_op_sum"), Function("ompi_mpi_float"), Function("ompi_mpi_double"), 1);
        }
        else
        {
            (world, sum, singles, doubles, inPlace) = (0x44000000, 0x58000003, 0x4c00040a, 0x4c00080b, -1);
        }
    }

    /// <summary>What was loaded.</summary>
    public string Name { get; }

    public int Rank => Ask(rank);

    public int Count => Ask(size);

    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static MpiLibrary Open(string? named)
    {
        IReadOnlyList<string> names = named is null ? MpiLaunch.Libraries : [named];
        foreach (var name in names)
        {
            if (NativeLibrary.TryLoad(name, out var library))
            {
                return NativeLibrary.TryGetExport(library, "MPI_Init_thread", out _) ? new(name, library)
                    : throw new InvalidOperationException($"'{name}' is no MPI library: it has no MPI_Init_thread. Name one with --mpi-library, such as libmpi.so.40.");
            }
        }
        throw new InvalidOperationException($"There is no MPI library {string.Join(" or ", names)} here. Install Open MPI (Debian: openmpi-bin) or MPICH, or name its library with --mpi-library.");
    }

    /// <summary>Meets the other processes.</summary>
    public void Start()
    {
        int provided;
        Check(initialize(null, null, Serialized, &provided));
        if (provided < Serialized)
        {
            throw new InvalidOperationException($"'{Name}' lets only the thread that started it use it (level {provided}); expected MPI_THREAD_SERIALIZED ({Serialized}). Use one that was built with threads.");
        }
    }

    /// <summary>Replaces numbers by their sums over all processes.</summary>
    /// <param name="values">The bytes of float32 numbers.</param>
    /// <param name="count">How many numbers.</param>
    public void Sum(Span<byte> values, long count)
    {
        fixed (byte* place = values)
        {
            Check(reduce(inPlace, place, checked((int)count), singles, sum, world));
        }
    }

    /// <summary>The sum of a number over all processes.</summary>
    public double Sum(double value)
    {
        Check(reduce(inPlace, &value, 1, doubles, sum, world));
        return value;
    }

    public void Finish() => Check(finish());

    public void Abort(int code) => abort(world, code);

    int Ask(delegate* unmanaged<nint, int*, int> question)
    {
        int answer;
        Check(question(world, &answer));
        return answer;
    }

    /// <summary>Errors end all processes before this sees them, unless the library was told otherwise.</summary>
    static void Check(int code)
    {
        if (code != 0)
        {
            throw new InvalidOperationException($"MPI failed with code {code}. See what mpirun says; the run goes on from its last checkpoint with --continue.");
        }
    }
}
