using System.Security.Cryptography;
using System.Text;
using EmbeddingService.Api;
using Microsoft.Extensions.Options;

namespace EmbeddingService.Hosting;

/// <summary>Lets requests pass that have a key: <c>Authorization: Bearer key</c>.</summary>
sealed class ApiKeys(IOptions<ServiceOptions> options)
{
    const string Scheme = "Bearer ";
    readonly byte[][] hashes = [.. options.Value.ApiKeys.Select(Hash)];

    public Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        if (Allows(context.Request.Headers.Authorization.ToString()))
        {
            return next(context);
        }
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Errors.WriteAsync(context, ApiException.Refused(StatusCodes.Status401Unauthorized,
            "The API key is missing or wrong; expected 'Authorization: Bearer' and a key of this service.", code: "invalid_api_key"));
    }

    /// <summary>Compares with every key, and hashes with hashes: how long that takes tells nothing of a key, not even its length.</summary>
    bool Allows(string authorization)
    {
        if (hashes.Length == 0)
        {
            return true;
        }
        var given = Hash(authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? authorization[Scheme.Length..].Trim() : "");
        return hashes.Aggregate(false, (found, hash) => found | CryptographicOperations.FixedTimeEquals(hash, given));
    }

    static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
