using Cclm.Inference;
using EmbeddingService.Api;

namespace EmbeddingService.Hosting;

/// <summary>The model that is served. It is loaded beside the start, so that the service says that it lives while a large one is read.</summary>
/// <remarks>A model that can not be loaded ends the process with an error.</remarks>
sealed class ServedModel(IServiceProvider services) : BackgroundService
{
    CclmModel? model;

    public bool IsLoaded => Volatile.Read(ref model) is not null;

    /// <exception cref="ApiException">It is not loaded yet.</exception>
    public CclmModel Model => Volatile.Read(ref model) ?? throw ApiException.Unavailable("The model is still being loaded.");

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var loaded = services.GetRequiredService<CclmModel>();
            _ = loaded.AsEmbeddingGenerator();      // which says what is wrong with a model that gives no vectors
            Volatile.Write(ref model, loaded);
            return Task.CompletedTask;
        }
        catch
        {
            Environment.ExitCode = 1;       // the host logs what is thrown, and stops as if it had been asked to
            throw;
        }
    }
}
