using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Cclm.Training;

/// <summary>
/// Makes TorchSharp load on systems whose libstdc++ is older than GCC 13's (Debian 12, Ubuntu 22.04), with threads that wait briefly.
/// </summary>
/// <remarks>
/// TorchSharp 0.107's <c>libLibTorchSharp.so</c> asks for symbol version <c>GLIBCXX_3.4.32</c> because its compiler
/// noted one symbol of that version, <c>_ZSt21ios_base_library_initv</c>, which nothing in it relocates against. Where the
/// system's libstdc++ lacks that version, a copy in memory with that one version need marked weak is loaded in its place;
/// no file is written or changed. Everywhere else this class does nothing.
/// </remarks>
public static class TorchLibrary
{
    const string Wrapper = "libLibTorchSharp.so";
    const string MissingVersion = "GLIBCXX_3.4.32";
    static readonly Lazy<nint> Copy = new(CopyIfNeeded);

    static TorchLibrary()
    {
        WaitingThreads.SpinBriefly();
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => name.Contains("LibTorchSharp", StringComparison.Ordinal) ? Copy.Value : 0;
    }

    /// <summary>
    /// Sees to it that the native library will be found; safe to call often and from any thread. It has to run before
    /// TorchSharp's first use: anything of Cclm.Training does it, and code that touches TorchSharp before that calls it first.
    /// </summary>
    public static void Prepare()
    {
        // The class's initialization is all there is to do: the runtime asks it once its own search has failed.
    }

    /// <summary>Whether the copy in memory had to be used.</summary>
    internal static bool IsCopied => Copy is { IsValueCreated: true, Value: not 0 };

#pragma warning disable CA2255 // A module initializer in a library: it has to run before TorchSharp does, whoever calls it.
    [ModuleInitializer]
    internal static void OnLoad() => Prepare();
#pragma warning restore CA2255

    static nint CopyIfNeeded()
    {
        if (!OperatingSystem.IsLinux() || Find(Wrapper) is not { } path || !LacksVersion(path))
        {
            return 0;
        }
        // The copy has no folder beside it to look in, so what it depends on is loaded first, from where it really is.
        foreach (var dependency in (ReadOnlySpan<string>)["libc10.so", "libtorch_cpu.so", "libtorch_cuda.so", "libtorch.so"])
        {
            if (Find(dependency) is { } found)
            {
                NativeLibrary.Load(found);
            }
        }
        return NativeLibrary.Load(MemoryFile.Create(Wrapper, ElfVersions.Weaken(File.ReadAllBytes(path), MissingVersion)));
    }

    /// <summary>The linker's own word on whether the version is missing, so that nothing is guessed from distribution names.</summary>
    static bool LacksVersion(string path)
    {
        try
        {
            NativeLibrary.Load(path);
            return false;
        }
        catch (DllNotFoundException e)
        {
            return e.Message.Contains(MissingVersion, StringComparison.Ordinal);
        }
    }

    static string? Find(string file)
    {
        var folders = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.Append(AppContext.BaseDirectory).Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
    }
}
