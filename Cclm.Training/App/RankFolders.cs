using System.Diagnostics;
using System.Globalization;

namespace Cclm.Training.App;

/// <summary>Where a rank reads and saves: the first rank in the folders that were named, the others in copies of them that nobody else sees.</summary>
/// <remarks>So every rank finds what there was when all began, whatever the first writes since.</remarks>
/// <param name="ranks">The processes that train together.</param>
/// <param name="parts">The classes of parts.</param>
sealed class RankFolders(Ranks ranks, PartTypes parts) : IDisposable
{
    const string Prefix = "cclm-rank-";

    readonly Dictionary<string, string> copies = [];

    /// <summary>The folder to use for one that was named; every rank asks for the same ones in the same order.</summary>
    public ModelFolder Open(DirectoryInfo folder)
    {
        var (path, own) = (Path.TrimEndingDirectorySeparator(folder.FullName), folder.FullName);
        if (ranks.Rank > 0 && !copies.TryGetValue(path, out own))
        {
            DeleteLeftovers();
            copies.Add(path, own = Path.Combine(Directory.CreateTempSubdirectory($"{Prefix}{Environment.ProcessId}-").FullName, Path.GetFileName(path)));
            Copy(path, own);
        }
        ranks.Wait();
        return new(own!, parts);
    }

    public void Dispose()
    {
        foreach (var copy in copies.Values)
        {
            Directory.Delete(Path.GetDirectoryName(copy)!, recursive: true);
        }
    }

    /// <summary>Copies of processes that are no more: a rank that is killed can not clear up.</summary>
    static void DeleteLeftovers()
    {
        foreach (var folder in Directory.GetDirectories(Path.GetTempPath(), $"{Prefix}*"))
        {
            if (!int.TryParse(Path.GetFileName(folder)[Prefix.Length..].Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var process) || IsRunning(process))
            {
                continue;
            }
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // another rank clears it up, or it is another user's
            }
        }
    }

    static bool IsRunning(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    static void Copy(string from, string to)
    {
        if (!Directory.Exists(from))
        {
            return;
        }
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from).Where(file => Path.GetFileName(file) != FolderLock.Name))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
        foreach (var folder in Directory.EnumerateDirectories(from))
        {
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
        }
    }
}
