using System.Runtime.InteropServices;

namespace Cclm.Training.Data;

/// <summary>Finds the reference pack of .NET, which holds the API's documentation.</summary>
static class ReferencePack
{
    const string Name = "Microsoft.NETCore.App.Ref";

    /// <summary>Where .NET may be installed, the likeliest place first.</summary>
    public static IEnumerable<string> Roots()
    {
        var configured = Environment.GetEnvironmentVariable("DOTNET_ROOT");
        var running = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..");      // <root>/shared/Microsoft.NETCore.App/<version>/
        var programFiles = Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles);
        string?[] roots =
        [
            configured, running, "/usr/share/dotnet", "/usr/lib/dotnet", "/usr/local/share/dotnet",
            programFiles.Length > 0 ? Path.Combine(programFiles, "dotnet") : null, OnPath(),
        ];
        return roots.OfType<string>().Where(root => root.Length > 0).Select(Path.GetFullPath).Distinct();
    }

    /// <summary>The newest folder with documentation under the first of the roots that has any.</summary>
    /// <exception cref="DirectoryNotFoundException">None has.</exception>
    public static string Find(IEnumerable<string> roots)
    {
        string[] searched = [.. roots];
        return searched.Select(Newest).FirstOrDefault(folder => folder is not null) ?? throw new DirectoryNotFoundException(
            $"No .NET API documentation was found: none of {string.Join(", ", searched)} has packs/{Name}/*/ref/net*/*.xml. " +
            "Install the .NET SDK (Debian and Ubuntu: apt-get install dotnet-sdk-10.0), point DOTNET_ROOT at one, or pass text of your own with --corpus FILE.");
    }

    static string? Newest(string root)
    {
        var pack = Path.Combine(root, "packs", Name);
        return Folders(pack, "*").OrderByDescending(Version)
            .SelectMany(version => Folders(Path.Combine(version, "ref"), "net*").OrderByDescending(Version))
            .FirstOrDefault(folder => Directory.EnumerateFiles(folder, "*.xml").Any());
    }

    static string[] Folders(string parent, string pattern) => Directory.Exists(parent) ? Directory.GetDirectories(parent, pattern) : [];

    /// <summary>The order of <c>10.0.12</c>, <c>10.0.0-rc.1.25451.107</c> and <c>net10.0</c>: by number, a release after its previews.</summary>
    static (Version Number, bool Release, string Name) Version(string folder)
    {
        var name = Path.GetFileName(folder);
        var parts = name.Replace("net", "", StringComparison.Ordinal).Split('-', 2);
        return (System.Version.TryParse(parts[0], out var number) ? number : new(), parts.Length == 1, name);
    }

    static string? OnPath()
    {
        var file = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        var command = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
        return command is null ? null : Path.GetDirectoryName(File.ResolveLinkTarget(command, returnFinalTarget: true)?.FullName ?? command);
    }
}
