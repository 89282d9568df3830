using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace EmbeddingService.Page;

/// <summary>The web page, whose files are in the assembly. It asks the service as every other client does.</summary>
static class PageEndpoints
{
    /// <summary>The page runs its own script, asks its own host, and makes no text HTML.</summary>
    const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

    public static void MapPage(this IEndpointRouteBuilder routes)
    {
        routes.MapFile("/", "index.html", "text/html; charset=utf-8");
        routes.MapFile("/page.css", "page.css", "text/css; charset=utf-8");
        routes.MapFile("/page.js", "page.js", "text/javascript; charset=utf-8");
        routes.MapFile("/icon.svg", "icon.svg", "image/svg+xml");
    }

    static void MapFile(this IEndpointRouteBuilder routes, string path, string file, string type)
    {
        var bytes = Read(file);
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8))}\"");
        routes.MapGet(path, (HttpResponse response) =>
        {
            response.Headers.ContentSecurityPolicy = Policy;
            response.Headers.XContentTypeOptions = "nosniff";
            response.Headers["Referrer-Policy"] = "no-referrer";
            response.Headers.CacheControl = "no-cache";             // kept, and asked for by its tag
            return TypedResults.Bytes(bytes, type, entityTag: tag);
        }).ExcludeFromDescription();
    }

    static byte[] Read(string file)
    {
        using var stream = typeof(PageEndpoints).Assembly.GetManifestResourceStream(file)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
