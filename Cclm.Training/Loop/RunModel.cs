using System.Text.Json;
using System.Text.Json.Nodes;
using Cclm.Inference;

namespace Cclm.Training;

/// <summary>What a model in training was begun with, so that it need not be said again to go on.</summary>
/// <param name="MaxLength">The longest text, in ids.</param>
/// <param name="Embedder">The embedder.</param>
/// <param name="Tower">The run's tower; null where there is no run.</param>
sealed record RunModel(int MaxLength, PartDescription Embedder, PartDescription? Tower)
{
    /// <summary>The embedder's options as <see cref="NewModel.Embedder"/> says them; null of a composed one.</summary>
    public JsonElement? EmbedderOptions() => Embedder.Options is { } options ? WithoutVocabulary(options) : null;

    /// <summary>An embedder's options as they would be in this model, with everything that was left out.</summary>
    /// <exception cref="ArgumentException">They are not an embedder's.</exception>
    public JsonElement WithDefaults(JsonElement? embedder) =>
        WithoutVocabulary(PartTypes.Write(new NewModel { Embedder = embedder }.EmbedderFor(new(Vocabulary.Fit([]), new() { MaxLength = MaxLength }))));

    /// <summary>A job that goes on with this model's run, or trains one more tower on its embedder.</summary>
    public TowerJob Of(TowerJob job) => Tower is null ? job : job with
    {
        Type = Tower.Type,
        Options = Tower.Options,
        New = job.New with { Preprocessor = new() { MaxLength = MaxLength }, Embedder = EmbedderOptions() },
    };

    static JsonElement WithoutVocabulary(JsonElement options)
    {
        var sizes = JsonObject.Create(options)!;
        sizes.Remove("vocabulary");             // which is the preprocessor's to say
        return JsonSerializer.SerializeToElement(sizes);
    }
}
