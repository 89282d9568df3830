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

    /// <summary>A folder of XML documentation that is searched; that of the .NET SDK which is installed, where there is none.</summary>
    public string? SearchDocumentation { get; set; }

    /// <summary>The most members of it that are searched; none is, and nothing read, where it is 0.</summary>
    public int SearchMembers { get; set; } = 50_000;

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
        if (options.SearchMembers < 0)
        {
            yield return $"Service:SearchMembers is {options.SearchMembers}; expected the most members that are searched, or 0 for no search.";
        }
        if (options.SearchDocumentation is { } folder && !Directory.Exists(folder))
        {
            yield return $"Service:SearchDocumentation is '{folder}', which is no folder; expected one with XML documentation (*.xml), or nothing for the .NET SDK's.";
        }
        (string Name, TimeSpan Value)[] times = [(nameof(options.BusyLimit), options.BusyLimit), (nameof(options.ShutdownTimeout), options.ShutdownTimeout)];
        foreach (var time in times.Where(time => time.Value <= TimeSpan.Zero))
        {
            yield return $"Service:{time.Name} is {time.Value}; expected a time, such as 00:00:01.5.";
        }
    }
}
