using EmbeddingService.Search;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace EmbeddingService.Api;

/// <summary><c>POST /v1/search</c>: members of the .NET API by what they do; <c>GET /v1/search</c>: whether they can be searched.</summary>
static class SearchEndpoint
{
    const int Found = 10;           // where the request does not say

    public static async Task<Ok<SearchList>> SearchAsync(HttpRequest http, DocumentationSearch search, IOptions<ServiceOptions> options, CancellationToken cancellation)
    {
        var request = await JsonBody.ReadAsync(http, ApiJson.Default.SearchRequest, "an object with 'query', a string", cancellation);
        RequestLimits.Check(request, options.Value);
        return TypedResults.Ok(new SearchList(await search.FindAsync(request.Query, request.Top ?? Found, cancellation)));
    }

    public static Ok<SearchState> State(DocumentationSearch search) => TypedResults.Ok(search.State);
}
