using System.Text;

namespace EmbeddingService.Api;

/// <summary>Refuses what this service does not answer.</summary>
static class RequestLimits
{
    const int LongestShown = 40;

    /// <exception cref="ApiException">The request asks for another model, another width or another format, or for too much.</exception>
    public static void Check(EmbeddingRequest request, ServiceOptions limits, int dimensions)
    {
        if (request.Model is { } model && model != limits.Model)
        {
            throw ApiException.NoSuchModel(model, limits.Model);
        }
        if (request.EncodingFormat is not (null or "float" or "base64"))
        {
            throw ApiException.Invalid($"'encoding_format' is '{Shown(request.EncodingFormat)}'; expected 'float' or 'base64'.", "encoding_format");
        }
        if (request.Dimensions is { } asked && asked != dimensions)
        {
            throw ApiException.Invalid($"'dimensions' is {asked}; this model's vectors have {dimensions}. Leave it out.", "dimensions");
        }
        CheckInput(request.Input, limits);
    }

    /// <exception cref="ApiException">There are no texts, too many, or too many characters.</exception>
    public static void CheckInput(IReadOnlyList<string> texts, ServiceOptions limits)
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

    /// <exception cref="ApiException">There is no query, it has too many characters, or too much is to be found.</exception>
    public static void Check(SearchRequest request, ServiceOptions limits)
    {
        if (Characters(request.Query) is var characters && (characters < 1 || characters > limits.MaxItemCharacters))
        {
            throw ApiException.Invalid($"'query' has {characters} characters; expected 1 to {limits.MaxItemCharacters}.", "query");
        }
        if (request.Top is < 1 or > SearchRequest.MostFound)
        {
            throw ApiException.Invalid($"'top' is {request.Top}; expected 1 to {SearchRequest.MostFound}.", "top");
        }
    }

    /// <summary>The beginning of what should be a word.</summary>
    static string Shown(string word) => word.Length <= LongestShown ? word : $"{word[..LongestShown]}..";

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
