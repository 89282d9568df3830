using System.Text;

namespace EmbeddingService.Api;

/// <summary>Refuses what this service does not answer.</summary>
static class RequestLimits
{
    /// <exception cref="ApiException">The request asks for another model, another width or another format, or for too much.</exception>
    public static void Check(EmbeddingRequest request, ServiceOptions limits, int dimensions)
    {
        if (request.Model is { } model && model != limits.Model)
        {
            throw ApiException.NoSuchModel(model, limits.Model);
        }
        if (request.EncodingFormat is not (null or "float" or "base64"))
        {
            throw ApiException.Invalid("'encoding_format' is unknown; expected 'float' or 'base64'.", "encoding_format");
        }
        if (request.Dimensions is { } asked && asked != dimensions)
        {
            throw ApiException.Invalid($"'dimensions' is {asked}; this model's vectors have {dimensions}. Leave it out.", "dimensions");
        }
        CheckInput(request.Input, limits);
    }

    static void CheckInput(IReadOnlyList<string> texts, ServiceOptions limits)
    {
        if (texts.Count == 0 || texts.Count > limits.MaxItems)
        {
            throw ApiException.Invalid($"'input' has {texts.Count} texts; expected 1 to {limits.MaxItems}.", "input");
        }
        var all = 0L;
        for (var i = 0; i < texts.Count; i++)
        {
            var characters = Characters(texts[i]);
            if (characters > limits.MaxItemCharacters)
            {
                throw ApiException.Invalid($"Text {i} of 'input' has {characters} characters; expected at most {limits.MaxItemCharacters}.", "input");
            }
            all += characters;
        }
        if (all > limits.MaxRequestCharacters)
        {
            throw ApiException.Invalid($"The texts of 'input' have {all} characters together; expected at most {limits.MaxRequestCharacters}. Send them in several requests.", "input");
        }
    }

    /// <summary>As the model counts them: Unicode scalar values.</summary>
    static int Characters(string text)
    {
        var count = 0;
        foreach (Rune _ in text.EnumerateRunes())
        {
            count++;
        }
        return count;
    }
}
