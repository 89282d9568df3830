using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace Cclm.Inference;

/// <summary>How a shelf's requests are sent: again after a failure that may pass, and never without end.</summary>
static class ShelfHttp
{
    /// <summary>A server that asks to be left alone for longer is not waited for.</summary>
    static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(5);

    /// <summary>A client of the shelf's own, where no container made one.</summary>
    public static HttpClient CreateClient(ShelfOptions options)
    {
        var pipeline = new ResiliencePipelineBuilder<HttpResponseMessage>();
        Configure(pipeline, options);
        return Configure(new HttpClient(new ResilienceHandler(pipeline.Build()) { InnerHandler = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2) } }));
    }

    /// <summary>The pipeline times each attempt; a limit on a whole download would cut large ones.</summary>
    public static HttpClient Configure(HttpClient client)
    {
        client.Timeout = Timeout.InfiniteTimeSpan;
        return client;
    }

    /// <summary>Retries with exponential back-off and jitter on 408, 429, 5xx, refused connections and silence.</summary>
    public static void Configure(ResiliencePipelineBuilder<HttpResponseMessage> pipeline, ShelfOptions options)
    {
        if (options.Retries > 0)
        {
            pipeline.AddRetry(new HttpRetryStrategyOptions
            {
                MaxRetryAttempts = options.Retries,
                Delay = options.Backoff,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = retry => ValueTask.FromResult(HttpClientResiliencePredicates.IsTransient(retry.Outcome) && RetryAfter(retry.Outcome.Result) <= LongestRetryAfter),
            });
        }
        pipeline.AddTimeout(new HttpTimeoutStrategyOptions { Timeout = options.StallTimeout });
    }

    static TimeSpan RetryAfter(HttpResponseMessage? response) => response?.Headers.RetryAfter switch
    {
        { Delta: { } delay } => delay,
        { Date: { } date } => date - DateTimeOffset.UtcNow,
        _ => TimeSpan.Zero,
    };
}
