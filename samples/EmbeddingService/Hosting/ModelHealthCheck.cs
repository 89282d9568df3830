using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace EmbeddingService.Hosting;

/// <summary>Whether requests should be sent here: the model is loaded, and no run of it hangs.</summary>
sealed class ModelHealthCheck(ServedModel served, IOptions<ServiceOptions> options) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        !served.IsLoaded ? HealthCheckResult.Unhealthy("The model is still being loaded.")
        : served.Model.BusyFor is var busy && busy > options.Value.BusyLimit ? HealthCheckResult.Unhealthy($"The model's run takes {busy.TotalSeconds:0.0} s already.")
        : HealthCheckResult.Healthy());
}
