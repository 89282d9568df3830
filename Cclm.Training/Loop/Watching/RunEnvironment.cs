using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Cclm.Training;

/// <summary>Where a run took place, as far as it bears on speed and numbers; no names of machines or users.</summary>
static class RunEnvironment
{
    const double Gibibyte = 1 << 30;

    public static IReadOnlyList<(string Name, string Value)> Describe() =>
    [
        ("Date", DateTimeOffset.Now.ToString("yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture)),
        ("System", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}"),
        ("Processor", Processor()),
        ("Cores and threads", $"{Environment.ProcessorCount} cores, {torch.get_num_threads()} threads for matrix work"),
        ("Memory", $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / Gibibyte:F1} GiB"),
        ("CUDA", torch.cuda.is_available() ? $"{torch.cuda.device_count()} devices" : "none"),
        (".NET", RuntimeInformation.FrameworkDescription),
        ("TorchSharp and libtorch", $"{Version(typeof(torch))} and {torch.__version__}"),
        ("CCLM", Version(typeof(RunEnvironment))),
    ];

    static string Processor() => File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(": ", 2)[^1] ?? "unknown"
        : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown";

    static string Version(Type type) => type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";
}
