using Microsoft.Extensions.AI;

namespace Cclm.Inference;

/// <summary>A <see cref="CclmModel"/> as Microsoft.Extensions.AI sees it. Safe to use from many threads; it does not own the model.</summary>
sealed class CclmEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    readonly CclmModel model;
    readonly EmbeddingGeneratorMetadata metadata;

    public CclmEmbeddingGenerator(CclmModel model)
    {
        this.model = model;
        metadata = new("cclm", defaultModelId: $"cclm-{model.Weights}", defaultModelDimensions: model.Dimensions);
    }

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        Check(options);
        string[] texts = [.. values];
        return Task.Run(() => Generate(texts, cancellationToken), cancellationToken);     // the caller's thread is not held while the model computes
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? metadata
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(model) ? model
            : null;
    }

    public void Dispose()
    {
        // The model may serve others; whoever loaded it disposes it.
    }

    GeneratedEmbeddings<Embedding<float>> Generate(string[] texts, CancellationToken cancellationToken)
    {
        var vectors = model.Embed(texts, cancellationToken: cancellationToken);
        var now = DateTimeOffset.UtcNow;
        var characters = texts.Sum(text => (long)model.Preprocessor.Length(text));
        return new(vectors.Select(vector => new Embedding<float>(vector) { CreatedAt = now, ModelId = metadata.DefaultModelId }))
        {
            Usage = new() { InputTokenCount = characters, TotalTokenCount = characters },
        };
    }

    /// <summary>A request for another model or another width must not be answered with these vectors.</summary>
    void Check(EmbeddingGenerationOptions? options)
    {
        if (options?.Dimensions is { } dimensions && dimensions != model.Dimensions)
        {
            throw new ArgumentException($"{dimensions} dimensions were asked for; this model gives {model.Dimensions}. " +
                "Leave Dimensions unset, or compose a model of that width.", nameof(options));
        }
        if (options?.ModelId is { } id && id != metadata.DefaultModelId)
        {
            throw new ArgumentException($"The model '{id}' was asked for; this one is '{metadata.DefaultModelId}'. " +
                "Leave ModelId unset, or ask the generator of that model.", nameof(options));
        }
    }
}
