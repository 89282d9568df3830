using EmbeddingService.Api;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace EmbeddingService.Hosting;

/// <summary>Says in the OpenAPI document what converters hide from it.</summary>
static class OpenApi
{
    public static Task DescribeAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellation)
    {
        if (context.JsonTypeInfo.Type == typeof(EmbeddingVector))
        {
            schema.OneOf = [Many(JsonSchemaType.Number), new OpenApiSchema { Type = JsonSchemaType.String, Format = "byte" }];
        }
        else if (context.JsonPropertyInfo is { Name: "input" })
        {
            (schema.Type, schema.Items) = (null, null);         // or the string would have to be an array as well
            schema.OneOf = [new OpenApiSchema { Type = JsonSchemaType.String }, Many(JsonSchemaType.String)];
        }
        return Task.CompletedTask;
    }

    static OpenApiSchema Many(JsonSchemaType type) => new() { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = type } };
}
