using Cclm.Inference;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace EmbeddingService.Api;

/// <summary><c>POST /v1/embeddings</c>: texts to vectors.</summary>
static class EmbeddingsEndpoint
{
    public static async Task<Ok<EmbeddingList>> EmbedAsync(HttpRequest http, CclmModel model, IOptions<ServiceOptions> options, CancellationToken cancellation)
    {
        var request = await JsonBody.ReadAsync(http, ApiJson.Default.EmbeddingRequest, "an object with 'input', a string or an array of strings", cancellation);
        RequestLimits.Check(request, options.Value, model.Dimensions);
        var vectors = await TextVectors.EmbedAsync(model, request.Input, "input", cancellation);
        var base64 = request.EncodingFormat == "base64";
        var characters = request.Input.Sum(text => (long)model.Preprocessor.Length(text));
        return TypedResults.Ok(new EmbeddingList(
            [.. vectors.Select((vector, index) => new EmbeddingItem(index, new(vector, base64)))], options.Value.Model, new(characters, characters)));
    }
}
