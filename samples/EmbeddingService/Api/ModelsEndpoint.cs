using Cclm.Inference;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace EmbeddingService.Api;

/// <summary><c>GET /v1/models</c>: what is served, which is one model.</summary>
static class ModelsEndpoint
{
    public static Ok<ModelList> List(IOptions<ServiceOptions> options, IOptions<CclmEmbeddingGeneratorOptions> files) =>
        TypedResults.Ok(new ModelList([Served(options, files)]));

    public static Ok<ModelItem> Get(string id, IOptions<ServiceOptions> options, IOptions<CclmEmbeddingGeneratorOptions> files) =>
        id == options.Value.Model ? TypedResults.Ok(Served(options, files)) : throw ApiException.NoSuchModel(id, options.Value.Model);

    static ModelItem Served(IOptions<ServiceOptions> options, IOptions<CclmEmbeddingGeneratorOptions> files) =>
        new(options.Value.Model, new DateTimeOffset(File.GetLastWriteTimeUtc(files.Value.Path)).ToUnixTimeSeconds());
}
