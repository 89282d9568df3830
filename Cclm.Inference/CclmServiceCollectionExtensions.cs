using Cclm.Inference;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers composed models as embedding generators.</summary>
/// <remarks>
/// Each registration is a singleton <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/> and, under the same key, the
/// <see cref="CclmModel"/> behind it, which is loaded on first use and disposed with the container. Options are checked when the
/// host starts; the builder that is returned takes middleware, such as <c>.UseDistributedCache().UseLogging()</c>.
/// </remarks>
public static class CclmServiceCollectionExtensions
{
    /// <param name="services">Where to register.</param>
    extension(IServiceCollection services)
    {
        /// <summary>Registers the model of a file.</summary>
        /// <param name="path">The composed <c>.onnx</c> file.</param>
        /// <param name="configure">Sets provider, threads and batch size.</param>
        public EmbeddingGeneratorBuilder<string, Embedding<float>> AddCclmEmbeddingGenerator(
            string path, Action<CclmModelOptions>? configure = null) =>
            services.AddKeyedCclmEmbeddingGenerator(null, path, configure);

        /// <summary>Registers the model that a section of the configuration names in <c>Path</c>.</summary>
        /// <param name="configuration">The section. Its other keys are those of <see cref="CclmModelOptions"/>; any more are an error.</param>
        public EmbeddingGeneratorBuilder<string, Embedding<float>> AddCclmEmbeddingGenerator(IConfiguration configuration) =>
            services.AddKeyedCclmEmbeddingGenerator(null, configuration);

        /// <summary>Registers the model of a file under a key.</summary>
        /// <param name="serviceKey">The key; the options are named after it.</param>
        /// <param name="path">The composed <c>.onnx</c> file.</param>
        /// <param name="configure">Sets provider, threads and batch size.</param>
        public EmbeddingGeneratorBuilder<string, Embedding<float>> AddKeyedCclmEmbeddingGenerator(
            object? serviceKey, string path, Action<CclmModelOptions>? configure = null)
        {
            ArgumentException.ThrowIfNullOrEmpty(path);
            return services.Add(serviceKey, options => options.Configure(settings =>
            {
                settings.Path = path;
                configure?.Invoke(settings);
            }));
        }

        /// <summary>Registers the model of a section of the configuration under a key.</summary>
        /// <param name="serviceKey">The key; the options are named after it.</param>
        /// <param name="configuration">The section, with <c>Path</c> and the keys of <see cref="CclmModelOptions"/>; any more are an error.</param>
        public EmbeddingGeneratorBuilder<string, Embedding<float>> AddKeyedCclmEmbeddingGenerator(object? serviceKey, IConfiguration configuration)
        {
            ArgumentNullException.ThrowIfNull(configuration);
            return services.Add(serviceKey, options =>
            {
                options.Configure(settings => Bind(configuration, settings));
                options.Services.AddSingleton<IOptionsChangeTokenSource<CclmEmbeddingGeneratorOptions>>(new ConfigurationChangeTokenSource<CclmEmbeddingGeneratorOptions>(options.Name, configuration));
            });
        }

        EmbeddingGeneratorBuilder<string, Embedding<float>> Add(object? key, Action<OptionsBuilder<CclmEmbeddingGeneratorOptions>> configure)
        {
            var name = key?.ToString() ?? Options.Options.DefaultName;
            var options = services.AddOptions<CclmEmbeddingGeneratorOptions>(name);
            configure(options);
            options.ValidateOnStart();
            services.AddSingleton<IValidateOptions<CclmEmbeddingGeneratorOptions>>(new Validation(name));
            services.AddKeyedSingleton(key, (provider, _) =>
            {
                var settings = provider.GetRequiredService<IOptionsMonitor<CclmEmbeddingGeneratorOptions>>().Get(name);
                return CclmModel.Load(settings.Path, settings, LoggerOf(provider));
            });
            services.AddSingleton<IHostedService>(provider => new ModelFileWatch(
                provider.GetRequiredService<IOptionsMonitor<CclmEmbeddingGeneratorOptions>>().Get(name), () => provider.GetRequiredKeyedService<CclmModel>(key), LoggerOf(provider)));
            return services.AddKeyedEmbeddingGenerator(key, provider => provider.GetRequiredKeyedService<CclmModel>(key).AsEmbeddingGenerator());
        }
    }

    static void Bind(IConfiguration configuration, CclmEmbeddingGeneratorOptions settings)
    {
        try
        {
            configuration.Bind(settings, binder => binder.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException e)
        {
            var keys = typeof(CclmEmbeddingGeneratorOptions).GetProperties().Select(key => key.PropertyType.IsEnum ? $"{key.Name} ({string.Join(", ", Enum.GetNames(key.PropertyType))})" : key.Name);
            throw new InvalidOperationException($"Section '{(configuration as IConfigurationSection)?.Path}' of the configuration: {e.Message} Expected {string.Join(", ", keys.Order(StringComparer.Ordinal))}.", e);
        }
    }

    static ILogger? LoggerOf(IServiceProvider provider) => provider.GetService<ILoggerFactory>()?.CreateLogger<CclmModel>();

    static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(1.5);

    /// <param name="checks">Where to register.</param>
    extension(IHealthChecksBuilder checks)
    {
        /// <summary>Adds a check of a registered model, which loads it: whether it can be loaded and no batch has been running for too long. It is one of readiness.</summary>
        /// <param name="serviceKey">The key of the model; null for the one without.</param>
        /// <param name="longestRun">The longest that a batch may take; 1.5 s where null.</param>
        /// <param name="tags">Tags of the check, for endpoints to choose by.</param>
        public IHealthChecksBuilder AddCclmModel(object? serviceKey = null, TimeSpan? longestRun = null, IEnumerable<string>? tags = null) => checks.Add(new(
            serviceKey is null ? "cclm" : $"cclm {serviceKey}", provider => new CclmHealthCheck(() => provider.GetKeyedService<CclmModel>(serviceKey), serviceKey, longestRun ?? LongestRun), failureStatus: null, tags));
    }

    sealed class Validation(string registration) : IValidateOptions<CclmEmbeddingGeneratorOptions>
    {
        public ValidateOptionsResult Validate(string? name, CclmEmbeddingGeneratorOptions options) =>
            name != registration ? ValidateOptionsResult.Skip
            : options.Problems().ToArray() is { Length: > 0 } problems
                ? ValidateOptionsResult.Fail(problems.Select(problem => string.IsNullOrEmpty(name) ? $"Embedding generator: {problem}" : $"Embedding generator '{name}': {problem}"))
            : ValidateOptionsResult.Success;
    }
}
