using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cclm.Inference;

/// <summary>Loads a registered model when the host starts, so that it is ready before the first request, and again when its file has another content.</summary>
/// <remarks>The file is looked at every two seconds: notifications do not reach containers whose files are mounted or linked.</remarks>
sealed partial class ModelFileWatch(CclmEmbeddingGeneratorOptions options, Func<CclmModel> model, ILogger? logger) : BackgroundService
{
    static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _ = model();
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.ReloadOnChange)
        {
            return;
        }
        try
        {
            await WatchAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host ends, or was disposed without being stopped, which would make an error of it.
        }
    }

    async Task WatchAsync(CancellationToken stoppingToken)
    {
        var loaded = Stamp();
        var seen = loaded;
        using var timer = new PeriodicTimer(Every);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            var now = Stamp();
            if (now is not null && now != loaded && now == seen)        // it does not grow any more
            {
                Reload();
                loaded = now;
            }
            seen = now;
        }
    }

    (DateTime, long)? Stamp() => new FileInfo(options.Path) is { Exists: true } file ? (file.LastWriteTimeUtc, file.Length) : null;

    void Reload()
    {
        try
        {
            model().Reload(options.Path);
            if (logger is not null)
            {
                Reloaded(logger, options.Path, model().Weights);
            }
        }
        catch (Exception e)         // whatever a file does, it must not stop the host
        {
            if (logger is not null)
            {
                NotReloaded(logger, options.Path, e.Message);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Loaded {Path} again: weights {Weights}.")]
    static partial void Reloaded(ILogger logger, string path, string weights);

    [LoggerMessage(LogLevel.Warning, "{Path} has changed and can not be loaded; the model stays as it was. {Reason}")]
    static partial void NotReloaded(ILogger logger, string path, string reason);
}
