using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EmbeddingService.Api;

/// <summary>Reads the bodies of requests. Here, not as parameters of the endpoints: what ASP.NET logs of JSON that can not be read quotes it.</summary>
static class JsonBody
{
    /// <param name="http">The request.</param>
    /// <param name="type">What it holds.</param>
    /// <param name="expected">What it holds, in words.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="ApiException">It does not.</exception>
    public static async Task<T> ReadAsync<T>(HttpRequest http, JsonTypeInfo<T> type, string expected, CancellationToken cancellation)
    {
        if (!http.HasJsonContentType())
        {
            throw ApiException.Refused(StatusCodes.Status415UnsupportedMediaType, $"The body is '{http.ContentType}'; expected 'application/json'.");
        }
        try
        {
            return await http.ReadFromJsonAsync(type, cancellation) ?? throw ApiException.Invalid($"The body is null; expected {expected}.");
        }
        catch (JsonException e)
        {
            throw ApiException.Invalid($"The body can not be read at {e.Path ?? "$"}, line {e.LineNumber + 1}, byte {e.BytePositionInLine}; expected {expected}, as JSON.");
        }
    }
}
