using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Cclm.Inference;

/// <summary>Whether a model answers: it is loaded, and no batch has been running for too long.</summary>
/// <param name="model">Gives the model; the first call loads it. Null where none is registered.</param>
/// <param name="serviceKey">The key under which it is looked for.</param>
/// <param name="longestRun">The longest that a batch may take.</param>
sealed class CclmHealthCheck(Func<CclmModel?> model, object? serviceKey, TimeSpan longestRun) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(Check(context));

    HealthCheckResult Check(HealthCheckContext context)
    {
        try
        {
            if (model() is not { } registered)
            {
                return new(context.Registration.FailureStatus, serviceKey is null
                    ? "No model is registered without a key. Name the key of the one that is to be checked: AddCclmModel(key)."
                    : $"No model is registered under the key '{serviceKey}'. Register it with AddKeyedCclmEmbeddingGenerator, or check another.");
            }
            var busy = registered.BusyFor;
            return busy <= longestRun ? HealthCheckResult.Healthy()
                : new(context.Registration.FailureStatus, $"A batch has been running for {busy.TotalSeconds:F1} s; expected at most {longestRun.TotalSeconds:F1} s. The model hangs, or the machine is far too slow for batches of that size (BatchCharacters).");
        }
        catch (Exception e) when (e is CclmModelException or ObjectDisposedException or Microsoft.Extensions.Options.OptionsValidationException)
        {
            return new(context.Registration.FailureStatus, e.Message, e);
        }
    }
}
