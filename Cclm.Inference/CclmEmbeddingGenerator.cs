using Microsoft.Extensions.AI;

namespace Cclm.Inference;

/// <summary>A <see cref="CclmModel"/> as Microsoft.Extensions.AI sees it. Safe to use from many threads; it does not own the model.</summary>
/// <typeparam name="TEmbedding">The form of a vector.</typeparam>
sealed class CclmEmbeddingGenerator<TEmbedding>(CclmModel model, Func<float[], TEmbedding> form) : IEmbeddingGenerator<string, TEmbedding> where TEmbedding : Embedding
{
    string ModelId => $"cclm-{model.Weights}";

    public async Task<GeneratedEmbeddings<TEmbedding>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        Check(options);
        string[] texts = [.. values];
        var vectors = await model.EmbedAsync(texts, cancellationToken: cancellationToken).ConfigureAwait(false);
        var (now, preprocessor) = (DateTimeOffset.UtcNow, model.Preprocessor);
        var characters = texts.Sum(text => (long)preprocessor.Length(text));
        return new(vectors.Zip(texts, Embedding))
        {
            Usage = new() { InputTokenCount = characters, TotalTokenCount = characters },
        };

        TEmbedding Embedding(float[] vector, string text)
        {
            var embedding = form(vector);
            (embedding.CreatedAt, embedding.ModelId, embedding.AdditionalProperties) = (now, ModelId, LongTextOf(text, preprocessor));
            return embedding;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? new EmbeddingGeneratorMetadata("cclm", defaultModelId: ModelId, defaultModelDimensions: model.Dimensions)
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(model) ? model
            : null;
    }

    public void Dispose()
    {
        // The model may serve others; whoever loaded it disposes it.
    }

    /// <summary>Says of a text that is longer than the model reads that it was cut, or in pieces.</summary>
    AdditionalPropertiesDictionary? LongTextOf(string text, Preprocessor preprocessor) =>
        preprocessor.Fits(text) ? null : new() { ["longText"] = $"{model.LongText}" };

    /// <summary>A request for another model or another width must not be answered with these vectors.</summary>
    void Check(EmbeddingGenerationOptions? options)
    {
        if (options?.Dimensions is { } dimensions && dimensions != model.Dimensions)
        {
            throw new ArgumentException($"{dimensions} dimensions were asked for; this model gives {model.Dimensions}. " +
                "Leave Dimensions unset, or compose a model of that width.", nameof(options));
        }
        if (options?.ModelId is { } id && id != ModelId)
        {
            throw new ArgumentException($"The model '{id}' was asked for; this one is '{ModelId}'. " +
                "Leave ModelId unset, or ask the generator of that model.", nameof(options));
        }
    }
}
