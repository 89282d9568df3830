using Cclm.Inference;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers a shelf.</summary>
public static class ShelfServiceCollectionExtensions
{
    /// <param name="services">Where to register.</param>
    extension(IServiceCollection services)
    {
        /// <summary>Registers a <see cref="Shelf"/> as a singleton; its options are checked when the host starts.</summary>
        /// <param name="configure">Sets location and cache.</param>
        /// <returns>The builder of its HTTP client, for credentials or a proxy.</returns>
        public IHttpClientBuilder AddCclmShelf(Action<ShelfOptions> configure)
        {
            services.AddOptions<ShelfOptions>().Configure(configure).ValidateOnStart();
            services.AddSingleton<IValidateOptions<ShelfOptions>, Validation>();
            services.AddSingleton(provider => new Shelf(
                provider.GetRequiredService<IOptions<ShelfOptions>>().Value, provider.GetRequiredService<IHttpClientFactory>().CreateClient(nameof(Shelf))));
            var client = services.AddHttpClient(nameof(Shelf), http => ShelfHttp.Configure(http));
            client.AddResilienceHandler(nameof(Shelf), (pipeline, context) => ShelfHttp.Configure(pipeline, context.ServiceProvider.GetRequiredService<IOptions<ShelfOptions>>().Value));
            return client;
        }
    }

    sealed class Validation : IValidateOptions<ShelfOptions>
    {
        public ValidateOptionsResult Validate(string? name, ShelfOptions options) =>
            options.Problems().ToArray() is { Length: > 0 } problems ? ValidateOptionsResult.Fail(problems.Select(problem => $"Shelf: {problem}")) : ValidateOptionsResult.Success;
    }
}
