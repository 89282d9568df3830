using System.Diagnostics;
using System.Text.Json;
using NUnit.Framework;

namespace Cclm.Tests.Build;

/// <summary>What each project asks NuGet for, as MSBuild evaluates it; nothing is restored, so the GPU packages need not be there.</summary>
[Parallelizable]
public sealed class BuildSwitchTests : CommandFixture
{
    const string NativeOnnx = "Microsoft.ML.OnnxRuntime", NativeOnnxGpu = "Microsoft.ML.OnnxRuntime.Gpu";

    [TestCase("Cclm.Training")]
    [TestCase("Cclm.Tests")]
    public async Task TheSwitchSelectsTheGpuPackagesOfAnApplication(string project)
    {
        var cpu = await Packages(project, gpu: false);
        var gpu = await Packages(project, gpu: true);
        Assert.That(cpu, Does.Contain(NativeOnnx).And.Not.Contain(NativeOnnxGpu));
        Assert.That(cpu.Count(package => package.StartsWith("libtorch-cpu-", StringComparison.Ordinal)), Is.EqualTo(1), "This machine's libtorch, and no other platform's.");
        Assert.That(cpu, Has.None.StartsWith("TorchSharp-cu"));
        Assert.That(gpu, Does.Contain(NativeOnnxGpu).And.Not.Contain(NativeOnnx));
        Assert.That(gpu, Has.Exactly(1).StartsWith("TorchSharp-cuda-").And.None.StartsWith("libtorch-cpu-"));
    }

    [TestCase("Cclm.Inference", "Microsoft.ML.OnnxRuntime.Managed")]
    [TestCase("Cclm.Export", "Google.Protobuf")]
    public async Task ALibraryReferencesNoNativePackage(string project, string expected)
    {
        foreach (var gpu in (bool[])[false, true])
        {
            var packages = await Packages(project, gpu);
            Assert.That(packages, Does.Contain(expected));
            Assert.That(packages.Where(package => package is NativeOnnx or NativeOnnxGpu || package.Contains("torch", StringComparison.OrdinalIgnoreCase)), Is.Empty);
        }
    }

    static async Task<string[]> Packages(string project, bool gpu)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet",
            ["msbuild", Path.Combine(Repository(), project, $"{project}.csproj"), "-getItem:PackageReference", $"-p:CclmGpu={(gpu ? "true" : "false")}", "-nologo"])
        {
            RedirectStandardOutput = true,
        })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.That(process.ExitCode, Is.Zero, output);
        return [.. JsonDocument.Parse(output).RootElement.GetProperty("Items").GetProperty("PackageReference").EnumerateArray().Select(item => item.GetProperty("Identity").GetString()!)];
    }

    static string Repository()
    {
        for (var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Cclm.sln")))
            {
                return folder.FullName;
            }
        }
        Assert.Ignore("The tests do not run inside the repository, so there is no project to evaluate.");
        throw new UnreachableException();
    }
}
