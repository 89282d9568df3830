using System.Runtime.InteropServices;
using System.Text;
using Cclm.Training;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Cclm.Tests.Build;

/// <summary>TorchSharp loads, on systems with an older libstdc++ too.</summary>
[Platform("Linux")]
public sealed class TorchLibraryTests
{
    const string Wrapper = "libLibTorchSharp.so", Version = "GLIBCXX_3.4.32";

    static string File => ((string)AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES")!).Split(':').Select(folder => Path.Combine(folder, Wrapper)).First(System.IO.File.Exists);

    [Test]
    public void TorchComputes() => Assert.That(ones(3, 4).matmul(ones(4, 2)).sum().item<float>(), Is.EqualTo(24));

    /// <summary>In the process's own environment, where libgomp looks; what the operator says stays.</summary>
    [Test]
    public void ThreadsWaitBriefly()
    {
        var policy = Environment.GetEnvironmentVariable("OMP_WAIT_POLICY");
        var said = Environment.GetEnvironmentVariable("GOMP_SPINCOUNT");
        Assert.That(Marshal.PtrToStringUTF8(getenv("GOMP_SPINCOUNT")), Is.EqualTo(said ?? (policy is null ? "1000" : null)));
    }

    [DllImport("libc")]
    static extern nint getenv([MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    [Test]
    public void TheCopyIsUsedExactlyWhereTheSystemLacksTheVersion()
    {
        var system = NativeLibrary.TryLoad("libstdc++.so.6", out _) ? Mapped("libstdc++.so") : throw new InvalidOperationException("No libstdc++.");
        var lacking = System.IO.File.ReadAllBytes(system).AsSpan().IndexOf(Encoding.ASCII.GetBytes(Version)) < 0;
        Assert.That(ones(1).item<float>(), Is.EqualTo(1));
        Assert.That(TorchLibrary.IsCopied, Is.EqualTo(lacking));
        Assert.That(System.IO.File.ReadAllText("/proc/self/maps").Contains($"/memfd:{Wrapper}", StringComparison.Ordinal), Is.EqualTo(lacking));
    }

    [Test]
    public void OneFlagOfOneVersionIsAllThatChanges()
    {
        var original = System.IO.File.ReadAllBytes(File);
        var weakened = ElfVersions.Weaken([.. original], Version);
        var changed = Enumerable.Range(0, original.Length).Where(i => original[i] != weakened[i]).ToArray();
        Assert.That(changed, Has.Length.EqualTo(1));
        Assert.That(weakened[changed[0]], Is.EqualTo(original[changed[0]] | 2));
        Assert.That(ElfVersions.Weaken([.. weakened], Version), Is.EqualTo(weakened), "Twice is once.");
    }

    static readonly Dictionary<string, Func<byte[], byte[]>> Damage = new()
    {
        ["empty"] = _ => [],
        ["text"] = _ => Encoding.ASCII.GetBytes(new string('x', 100)),
        ["header alone"] = elf => elf[..64],
        ["cut in the middle"] = elf => elf[..(elf.Length / 2)],
        ["32 bit"] = elf => [.. elf[..4], 1, .. elf[5..]],
    };

    static IEnumerable<string> Damages => Damage.Keys;

    [TestCaseSource(nameof(Damages))]
    public void DamageIsAnErrorAndNoCrash(string name) =>
        Assert.That(() => ElfVersions.Weaken(Damage[name](System.IO.File.ReadAllBytes(File)), Version), Throws.InstanceOf<InvalidDataException>());

    [Test]
    public void AVersionThatIsNotNeededIsAnError() =>
        Assert.That(() => ElfVersions.Weaken(System.IO.File.ReadAllBytes(File), "GLIBCXX_9.9"), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("GLIBCXX_9.9"));

    static string Mapped(string library) =>
        System.IO.File.ReadLines("/proc/self/maps").Where(line => line.Contains(library, StringComparison.Ordinal)).Select(line => line[line.IndexOf('/')..]).First();
}
