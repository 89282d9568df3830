namespace Cclm.Tests;

/// <summary>A folder of a test's own, gone when the test is over.</summary>
/// <param name="disk">Where to make it; null for the system's folder of temporary files.</param>
sealed class TempFolder(string? disk = null) : IDisposable
{
    readonly DirectoryInfo folder = disk is null ? Directory.CreateTempSubdirectory("cclm-") : Directory.CreateDirectory(System.IO.Path.Combine(disk, $"cclm-{Guid.NewGuid():N}"));

    /// <summary>The path of a file or folder in it; folders on the way are made.</summary>
    public string this[string name]
    {
        get
        {
            var path = System.IO.Path.Combine(folder.FullName, name);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            return path;
        }
    }

    public string Path => folder.FullName;

    public string Write(string name, string text)
    {
        File.WriteAllText(this[name], text);
        return this[name];
    }

    public string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(this[name], bytes);
        return this[name];
    }

    public void Dispose() => folder.Delete(recursive: true);
}
