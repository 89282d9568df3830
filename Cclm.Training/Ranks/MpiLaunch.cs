using System.Globalization;

namespace Cclm.Training;

/// <summary>What starters of MPI programs tell a process by its environment.</summary>
static class MpiLaunch
{
    const string OpenMpi = "OMPI_COMM_WORLD_SIZE", Hydra = "PMI_SIZE", Slurm = "SLURM_STEP_NUM_TASKS";        // mpirun of Open MPI, mpirun of MPICH, srun

    /// <summary>How many processes were started together; null where nothing says that.</summary>
    public static int? Count => Number(OpenMpi) ?? Number(Hydra) ?? Number(Slurm);

    /// <summary>Libraries to look for, those of whoever started the process first.</summary>
    public static IReadOnlyList<string> Libraries
    {
        get
        {
            string[] openMpi = ["libmpi.so.40", "libmpi.40.dylib"], mpich = ["libmpich.so.12", "libmpi.so.12", "libmpi.12.dylib"];
            return Number(OpenMpi) is null && Number(Hydra) is not null ? [.. mpich, .. openMpi] : [.. openMpi, .. mpich];
        }
    }

    static int? Number(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
