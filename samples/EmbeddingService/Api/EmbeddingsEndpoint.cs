using System.Text.Json;
using Cclm.Inference;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace EmbeddingService.Api;

/// <summary><c>POST /v1/embeddings</c>: texts to vectors.</summary>
static class EmbeddingsEndpoint
{
    public static async Task<Ok<EmbeddingList>> EmbedAsync(HttpRequest http, CclmModel model, IOptions<ServiceOptions> options, CancellationToken cancellation)
    {
        var request = await ReadAsync(http, cancellation);
        RequestLimits.Check(request, options.Value, model.Dimensions);
        var vectors = await VectorsAsync(model, request.Input, cancellation);
        var base64 = request.EncodingFormat == "base64";
        var characters = request.Input.Sum(text => (long)model.Preprocessor.Length(text));
        return TypedResults.Ok(new EmbeddingList(
            [.. vectors.Select((vector, index) => new EmbeddingItem(index, new(vector, base64)))], options.Value.Model, new(characters, characters)));
    }

    /// <summary>Reads the body here, not as a parameter: what ASP.NET logs of JSON that can not be read quotes it.</summary>
    static async Task<EmbeddingRequest> ReadAsync(HttpRequest http, CancellationToken cancellation)
    {
        if (!http.HasJsonContentType())
        {
            throw ApiException.Refused(StatusCodes.Status415UnsupportedMediaType, $"The body is '{http.ContentType}'; expected 'application/json'.");
        }
        try
        {
            return await http.ReadFromJsonAsync(ApiJson.Default.EmbeddingRequest, cancellation) ?? throw ApiException.Invalid("The body is null; expected an object with 'input'.");
        }
        catch (JsonException e)
        {
            throw ApiException.Invalid($"The body can not be read as JSON of this request, at {e.Path ?? "$"}, line {e.LineNumber + 1}, byte {e.BytePositionInLine}; expected an object with 'input', a string or an array of strings.");
        }
    }

    static async Task<float[][]> VectorsAsync(CclmModel model, IReadOnlyList<string> texts, CancellationToken cancellation)
    {
        try
        {
            return await model.EmbedAsync(texts, cancellationToken: cancellation);
        }
        catch (ArgumentException e)         // a text that is too long, where the model's options forbid that
        {
            throw ApiException.Invalid(e.Message, "input");
        }
    }
}
