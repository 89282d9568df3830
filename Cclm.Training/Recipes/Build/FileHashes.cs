using System.Security.Cryptography;
using System.Text.Json;

namespace Cclm.Training.Recipes;

/// <summary>A file as it was when it was hashed.</summary>
/// <param name="Size">Its bytes.</param>
/// <param name="Written">When it was last written to, in ticks of UTC.</param>
/// <param name="Sha256">SHA-256 of its content.</param>
sealed record HashedFile(long Size, long Written, string Sha256);

/// <summary>SHA-256 of files. One of the size and time of its last reading is not read again, so that a build with nothing to do takes no longer for 10 GB.</summary>
/// <remarks>
/// A file that was written to within the last two seconds is not remembered: it could change again without its time changing, which
/// some file systems keep to two seconds.
/// </remarks>
/// <param name="file">Where hashes are kept.</param>
/// <param name="trust">Whether what is kept there is used.</param>
/// <param name="cancellation">Stops reading.</param>
sealed class FileHashes(string file, bool trust, CancellationToken cancellation)
{
    const int Block = 1 << 20;
    const long ToldFrom = 1L << 30;
    static readonly TimeSpan Settled = TimeSpan.FromSeconds(2);

    readonly Dictionary<string, HashedFile> known = trust ? Read(file) : [];
    bool changed;

    /// <summary>SHA-256 of a file in hexadecimal; null where there is none.</summary>
    public string? Of(string path)
    {
        var info = new FileInfo(path);
        if (!info.Exists)
        {
            return null;
        }
        if (known.TryGetValue(info.FullName, out var hashed) && (hashed.Size, hashed.Written) == (info.Length, info.LastWriteTimeUtc.Ticks))
        {
            return hashed.Sha256;
        }
        var settled = DateTime.UtcNow - info.LastWriteTimeUtc > Settled;
        var hash = Hash(info);
        if (settled)
        {
            known[info.FullName] = new(info.Length, info.LastWriteTimeUtc.Ticks, hash);
            changed = true;
        }
        return hash;
    }

    /// <summary>Keeps what was read.</summary>
    public void Save()
    {
        if (changed)
        {
            AtomicFile.Write(file, JsonSerializer.Serialize(known, RecipeJson.Options));
        }
    }

    string Hash(FileInfo info)
    {
        if (info.Length >= ToldFrom)
        {
            App.Terminal.Tell($"Reading {info.FullName} ({info.Length / 1e9:F1} GB) for its hash");
        }
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var stream = new FileStream(info.FullName, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        var block = new byte[Math.Min(Block, info.Length + 1)];
        while (stream.Read(block) is > 0 and var read)
        {
            cancellation.ThrowIfCancellationRequested();
            hash.AppendData(block, 0, read);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>What was kept; nothing where it can not be read, for all of it can be had again.</summary>
    static Dictionary<string, HashedFile> Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, HashedFile>>(File.ReadAllBytes(file), RecipeJson.Options) ?? [];
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
