using Microsoft.Extensions.Options;

namespace EmbeddingService;

/// <summary>What the service takes and whom it answers: the section <c>Service</c> of the configuration. The model's own options are in <c>Embeddings</c>.</summary>
sealed class ServiceOptions
{
    /// <summary>The name under which the model is served; a request for another one is answered with 404.</summary>
    public string Model { get; set; } = "cclm";

    /// <summary>Who has one of these keys is answered; everyone, where there are none.</summary>
    public string[] ApiKeys { get; set; } = [];

    /// <summary>The most bytes of a request's body.</summary>
    public int MaxBodyBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>The most texts of a request.</summary>
    public int MaxItems { get; set; } = 2048;

    /// <summary>The most characters of a text.</summary>
    public int MaxItemCharacters { get; set; } = 32_768;

    /// <summary>The most characters of a request's texts together.</summary>
    /// <remarks>No more than the model's QueueCharacters: a longer list would wait for room instead of being refused.</remarks>
    public int MaxRequestCharacters { get; set; } = 262_144;

    /// <summary>How long one run of the model may take before the service calls itself not ready.</summary>
    public TimeSpan BusyLimit { get; set; } = TimeSpan.FromSeconds(1.5);

    /// <summary>How long requests that are in have to end when the service is stopped.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(30);
}

/// <summary>Stops a service at its start whose options can not be.</summary>
sealed class ServiceOptionsValidation : IValidateOptions<ServiceOptions>
{
    public ValidateOptionsResult Validate(string? name, ServiceOptions options) =>
        Problems(options).ToArray() is { Length: > 0 } problems ? ValidateOptionsResult.Fail(problems) : ValidateOptionsResult.Success;

    static IEnumerable<string> Problems(ServiceOptions options)
    {
        if (options.Model.Length == 0)
        {
            yield return "Service:Model is empty; expected the name under which the model is served.";
        }
        if (options.ApiKeys.Any(string.IsNullOrWhiteSpace))
        {
            yield return "One of Service:ApiKeys is empty; expected keys, or none for a service that is open to all.";
        }
        (string Name, int Value)[] limits =
        [
            (nameof(options.MaxBodyBytes), options.MaxBodyBytes), (nameof(options.MaxItems), options.MaxItems),
            (nameof(options.MaxItemCharacters), options.MaxItemCharacters), (nameof(options.MaxRequestCharacters), options.MaxRequestCharacters),
        ];
        foreach (var limit in limits.Where(limit => limit.Value < 1))
        {
            yield return $"Service:{limit.Name} is {limit.Value}; expected 1 or more.";
        }
        (string Name, TimeSpan Value)[] times = [(nameof(options.BusyLimit), options.BusyLimit), (nameof(options.ShutdownTimeout), options.ShutdownTimeout)];
        foreach (var time in times.Where(time => time.Value <= TimeSpan.Zero))
        {
            yield return $"Service:{time.Name} is {time.Value}; expected a time, such as 00:00:01.5.";
        }
    }
}
