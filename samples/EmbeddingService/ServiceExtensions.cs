using Cclm.Inference;
using EmbeddingService.Api;
using EmbeddingService.Hosting;
using EmbeddingService.Page;
using EmbeddingService.Search;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;

namespace EmbeddingService;

/// <summary>What the service is made of.</summary>
static class ServiceExtensions
{
    public static void AddEmbeddingService(this WebApplicationBuilder builder)
    {
        var (services, section) = (builder.Services, builder.Configuration.GetSection("Service"));
        services.AddCclmEmbeddingGenerator(builder.Configuration.GetSection("Embeddings"));
        services.AddServiceOptions(section);
        services.AddSingleton<ApiKeys>();
        services.AddExceptionHandler<Errors>();
        services.AddSingleton<DocumentationSearch>().AddHostedService(provider => provider.GetRequiredService<DocumentationSearch>());
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolver = ApiJson.Default;
            json.SerializerOptions.PropertyNamingPolicy = ApiJson.Default.Options.PropertyNamingPolicy;
            json.SerializerOptions.NumberHandling = ApiJson.Default.Options.NumberHandling;
        });
        services.AddOpenApi(options => options.AddSchemaTransformer(OpenApi.DescribeAsync));
        services.AddHealthChecks().AddCclmModel(longestRun: section.GetValue<TimeSpan?>(nameof(ServiceOptions.BusyLimit)) ?? new ServiceOptions().BusyLimit);
        services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter(InferenceTelemetry.Name, "Microsoft.AspNetCore.*", "System.Runtime").AddPrometheusExporter());
    }

    public static void MapEmbeddingService(this WebApplication application)
    {
        application.UseExceptionHandler(_ => { });
        application.UseStatusCodePages(context => Errors.WriteStatusAsync(context.HttpContext));
        application.UseWhen(context => context.Request.Path.StartsWithSegments("/v1"),
            branch => branch.Use(application.Services.GetRequiredService<ApiKeys>().CheckAsync));
        var api = application.MapGroup("/v1").ProducesError(400, 401, 404, 503);
        api.MapPost("/embeddings", EmbeddingsEndpoint.EmbedAsync).Accepts<EmbeddingRequest>("application/json").ProducesError(413, 415, 429);
        api.MapGet("/models", ModelsEndpoint.List);
        api.MapGet("/models/{id}", ModelsEndpoint.Get);
        api.MapPost("/search", SearchEndpoint.SearchAsync).Accepts<SearchRequest>("application/json").ProducesError(413, 415, 429);
        api.MapGet("/search", SearchEndpoint.State);
        api.MapPost("/map", MapEndpoint.MapAsync).Accepts<MapRequest>("application/json").ProducesError(413, 415, 429);
        application.MapPage();
        application.MapHealthChecks("/health/live", new() { Predicate = _ => false });
        application.MapHealthChecks("/health/ready");
        application.MapPrometheusScrapingEndpoint("/metrics");
        application.MapOpenApi();
    }

    static void AddServiceOptions(this IServiceCollection services, IConfiguration section)
    {
        services.AddOptions<ServiceOptions>().Bind(section, binder => binder.ErrorOnUnknownConfiguration = true).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ServiceOptions>, ServiceOptionsValidation>();
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<ServiceOptions>>((kestrel, service) => kestrel.Limits.MaxRequestBodySize = service.Value.MaxBodyBytes);
        services.AddOptions<HostOptions>().Configure<IOptions<ServiceOptions>>((host, service) => host.ShutdownTimeout = service.Value.ShutdownTimeout);
    }

    static TBuilder ProducesError<TBuilder>(this TBuilder builder, params int[] statuses) where TBuilder : IEndpointConventionBuilder =>
        statuses.Aggregate(builder, (group, status) => group.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(ErrorAnswer), ["application/json"])));
}
