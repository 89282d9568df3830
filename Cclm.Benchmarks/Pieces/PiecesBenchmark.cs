using System.Runtime.CompilerServices;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Order;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using Cclm.Training;
using Perfolizer.Horology;

namespace Cclm.Benchmarks;

/// <summary>The parts that everything is made of, each by itself, by BenchmarkDotNet: time and allocation of one call.</summary>
/// <remarks>BenchmarkDotNet's own options, such as <c>--filter *encode*</c> and <c>--job short</c>; without a filter, all pieces.</remarks>
static class PiecesBenchmark
{
    static readonly string[] Filters = ["--filter", "-f", "--list", "--help"];

    public static void Run(string[] options)
    {
        string[] all = options.Any(Filters.Contains) ? [] : ["--filter", "*"];
        BenchmarkSwitcher.FromAssembly(typeof(PiecesBenchmark).Assembly).Run([.. options, .. all], DefaultConfig.Instance
            .WithArtifactsPath(Path.Combine("artifacts", "pieces")).WithBuildTimeout(TimeSpan.FromMinutes(10)).AddDiagnoser(new MemoryDiagnoser(new(displayGenColumns: false)))
            .WithOptions(ConfigOptions.JoinSummary).WithOrderer(new DefaultOrderer(SummaryOrderPolicy.Declared)).HideColumns(Column.Error)
            .WithSummaryStyle(SummaryStyle.Default.WithTimeUnit(TimeUnit.Microsecond)));
    }

    // Each piece runs in a process of its own, so that none meets the threads and the memory of another: a program that BenchmarkDotNet writes, which does not come by Program.cs.
    [ModuleInitializer]
    internal static void OnLoad() => TorchLibrary.Prepare();
}
