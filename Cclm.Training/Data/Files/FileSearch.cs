using System.IO.Enumeration;
using Microsoft.Extensions.FileSystemGlobbing;

namespace Cclm.Training.Data;

/// <summary>Finds the files of a corpus: files, folders, patterns, data set folders. Hidden files, and folders whose name begins with a dot, are left out.</summary>
static class FileSearch
{
    /// <summary>The files that the paths name, each path's in ordinal order.</summary>
    /// <exception cref="FileNotFoundException">A path names nothing; the message says what it was taken for.</exception>
    /// <exception cref="UnauthorizedAccessException">A folder may not be read; nothing is left out in silence.</exception>
    public static IReadOnlyList<CorpusFile> Find(CorpusOptions options)
    {
        if (options.Paths.Count == 0)
        {
            throw new ArgumentException("A corpus needs at least one file, folder or pattern; none was given.", nameof(options));
        }
        var hub = options.Split is not null || options.Config is not null;
        if (hub && !options.Paths.All(Directory.Exists))
        {
            throw new ArgumentException("A split or configuration can be chosen of a data set folder only. Name folders, or leave it out.", nameof(options));
        }
        return [.. options.Paths.SelectMany(path => Expand(path, options, hub)).Select(path => new CorpusFile(path))];
    }

    static IEnumerable<string> Expand(string path, CorpusOptions options, bool hub)
    {
        if (path == "-" || File.Exists(path))
        {
            return [path];
        }
        if (Directory.Exists(path))
        {
            return hub || HubFolder.IsAt(path) ? HubFolder.Find(path, options) : Folder(path, options);
        }
        return path.Contains('*', StringComparison.Ordinal) ? Pattern(path) : throw Missing(path);
    }

    /// <summary>What is not there, and what may not be looked for, which is something else.</summary>
    static Exception Missing(string path)
    {
        try
        {
            _ = File.GetAttributes(path);
        }
        catch (UnauthorizedAccessException e)
        {
            return e;
        }
        catch (IOException)
        {
        }
        return new FileNotFoundException($"There is no file '{Path.GetFullPath(path)}'; expected a text file in UTF-8. Check the path.", path);
    }

    /// <summary>The data of a folder: what has an extension of a known format, or everything where the format was named.</summary>
    static string[] Folder(string path, CorpusOptions options)
    {
        string[] all = [.. FilesBelow(path).Select(file => Path.Combine(path, file))];
        string[] data = [.. all.Where(file => options.Format is not null || CorpusFile.FormatOf(file) is not null)];
        return data.Length > 0 ? data : throw new FileNotFoundException(
            $"The folder '{Path.GetFullPath(path)}' holds {(all.Length == 0 ? "no files" : $"no data among its {all.Length:N0} files, such as '{all[0]}'")}; " +
            "expected .txt, .jsonl, .csv, .tsv, .parquet or .conll. Check the path, or name the format.", path);
    }

    static string[] Pattern(string pattern)
    {
        var segments = pattern.Replace('\\', '/').Split('/');
        var fixedSegments = Array.FindIndex(segments, segment => segment.Contains('*', StringComparison.Ordinal));
        var folder = fixedSegments == 0 ? "." : string.Join('/', segments[..fixedSegments]) is "" ? "/" : string.Join('/', segments[..fixedSegments]);
        string[] found = Directory.Exists(folder) ? [.. Matches(folder, string.Join('/', segments[fixedSegments..])).Select(file => Path.Combine(folder == "." ? "" : folder, file))] : [];
        return found.Length > 0 ? found : throw new FileNotFoundException(
            $"The pattern '{pattern}' matches no file below '{Path.GetFullPath(folder)}'; * stands for any part of a name, ** for folders. Check the pattern.", pattern);
    }

    /// <summary>The paths below a folder that match a pattern, relative, in ordinal order.</summary>
    public static IEnumerable<string> Matches(string folder, string pattern) =>
        new Matcher(StringComparison.Ordinal).AddInclude(pattern).Match(folder, FilesBelow(folder)).Files.Select(match => match.Path).Order(StringComparer.Ordinal);

    /// <summary>All files below a folder that are not hidden, as relative paths with slashes, in ordinal order. Links to folders are not followed: they may lead in a circle.</summary>
    public static IReadOnlyList<string> FilesBelow(string folder)
    {
        var files = new FileSystemEnumerable<string>(folder,
            (ref FileSystemEntry entry) => Path.GetRelativePath(folder, entry.ToFullPath()).Replace('\\', '/'),
            new() { RecurseSubdirectories = true, AttributesToSkip = 0, IgnoreInaccessible = false })
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && !entry.FileName.StartsWith('.'),
            ShouldRecursePredicate = (ref FileSystemEntry entry) => !entry.FileName.StartsWith('.') && !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
        };
        return [.. files.Order(StringComparer.Ordinal)];
    }
}
