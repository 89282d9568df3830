using System.Security.Cryptography;

namespace Cclm;

/// <summary>SHA-256 of a file's content, in lower-case hexadecimal.</summary>
static class FileHash
{
    public static string Of(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    public static async Task<string> OfAsync(string file, CancellationToken cancellation)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation).ConfigureAwait(false));
    }
}
