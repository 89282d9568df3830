using Cclm.Inference;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace EmbeddingService.Api;

/// <summary><c>POST /v1/map</c>: texts to points in the plane.</summary>
static class MapEndpoint
{
    public static async Task<Ok<TextMap>> MapAsync(HttpRequest http, CclmModel model, IOptions<ServiceOptions> options, CancellationToken cancellation)
    {
        var request = await JsonBody.ReadAsync(http, ApiJson.Default.MapRequest, "an object with 'input', an array of strings", cancellation);
        RequestLimits.CheckInput(request.Input, options.Value);
        var (points, variance) = PrincipalComponents.Of(await TextVectors.EmbedAsync(model, request.Input, "input", cancellation), components: 2);
        return TypedResults.Ok(new TextMap([.. points.Select(point => new MapPoint(point[0], point[1]))], variance));
    }
}
