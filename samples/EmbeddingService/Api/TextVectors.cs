using Cclm.Inference;

namespace EmbeddingService.Api;

/// <summary>The vectors of a request's texts.</summary>
static class TextVectors
{
    /// <param name="model">The model.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="param">The field of the request that they are from.</param>
    /// <param name="cancellation">Takes them back.</param>
    /// <returns>For each text [D].</returns>
    /// <exception cref="ApiException">A text is too long, where the model's options forbid that.</exception>
    public static async Task<float[][]> EmbedAsync(CclmModel model, IReadOnlyList<string> texts, string param, CancellationToken cancellation)
    {
        try
        {
            return await model.EmbedAsync(texts, cancellationToken: cancellation);
        }
        catch (ArgumentException e)
        {
            throw ApiException.Invalid(e.Message, param);
        }
    }
}
