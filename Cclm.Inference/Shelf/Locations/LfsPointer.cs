using System.Globalization;
using System.Text;

namespace Cclm.Inference;

/// <summary>What git holds in place of a file in Git LFS: lines of a key and a value (its specification, docs/spec.md).</summary>
/// <remarks>git-lfs takes whatever begins like a pointer for one, so lines are looked for in the beginning of any file.</remarks>
static class LfsPointer
{
    const int MaxBytes = 1024;
    const string Oid = "oid sha256:", Length = "size ";

    /// <summary>How many bytes the file has that a pointer stands for; 0 where there is no pointer.</summary>
    public static long SizeIn(Stream stream) => Values(stream, Length)
        .Max(value => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var size) ? size : (long?)null) ?? 0;

    /// <summary>SHA-256 of the file that a pointer stands for; null where there is no pointer.</summary>
    public static string? HashIn(string file)
    {
        using var stream = File.OpenRead(file);
        return Values(stream, Oid).FirstOrDefault(ItemNames.IsHash);
    }

    static IEnumerable<string> Values(Stream stream, string key)
    {
        var beginning = new byte[MaxBytes];
        var length = stream.ReadAtLeast(beginning, MaxBytes, throwOnEndOfStream: false);
        return Encoding.UTF8.GetString(beginning, 0, length).Split('\n').Where(line => line.StartsWith(key, StringComparison.Ordinal)).Select(line => line[key.Length..].TrimEnd());
    }
}
