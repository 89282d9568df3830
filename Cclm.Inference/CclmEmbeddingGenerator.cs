using Microsoft.Extensions.AI;

namespace Cclm.Inference;

/// <summary>A <see cref="CclmModel"/> as Microsoft.Extensions.AI sees it. Safe to use from many threads; it does not own the model.</summary>
/// <typeparam name="TEmbedding">The form of a vector.</typeparam>
sealed class CclmEmbeddingGenerator<TEmbedding>(CclmModel model, Func<float[], TEmbedding> form) : IEmbeddingGenerator<string, TEmbedding> where TEmbedding : Embedding
{
    public async Task<GeneratedEmbeddings<TEmbedding>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        string[] texts = [.. values];
        var answers = await model.EmbedFromAsync(texts, contract => Check(contract, options), cancellationToken).ConfigureAwait(false);
        var (now, characters) = (DateTimeOffset.UtcNow, 0L);
        return new([.. answers.Zip(texts, Embedding)])
        {
            Usage = new() { InputTokenCount = characters, TotalTokenCount = characters },
        };

        TEmbedding Embedding((float[] Vector, ModelContract From) answer, string text)
        {
            var (embedding, preprocessor) = (form(answer.Vector), answer.From.Preprocessor);
            (embedding.CreatedAt, embedding.ModelId, embedding.AdditionalProperties) = (now, ModelId(answer.From), LongTextOf(text, preprocessor));
            characters += preprocessor.Length(text);
            return embedding;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? new EmbeddingGeneratorMetadata("cclm", defaultModelId: ModelId(model.Contract), defaultModelDimensions: model.Dimensions)
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

    static string ModelId(ModelContract contract) => $"cclm-{contract.Weights}";

    /// <summary>A request for another model or another width must not be answered with the vectors of this one.</summary>
    static void Check(ModelContract contract, EmbeddingGenerationOptions? options)
    {
        if (options?.Dimensions is { } dimensions && dimensions != contract.Dimensions)
        {
            throw new ArgumentException($"{dimensions} dimensions were asked for; this model gives {contract.Dimensions}. " +
                "Leave Dimensions unset, or compose a model of that width.", nameof(options));
        }
        if (options?.ModelId is { } id && id != ModelId(contract))
        {
            throw new ArgumentException($"The model '{id}' was asked for; this one is '{ModelId(contract)}'. " +
                "Leave ModelId unset, or ask the generator of that model.", nameof(options));
        }
    }
}
