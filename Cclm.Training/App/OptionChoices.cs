using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace Cclm.Training.App;

static class OptionChoices
{
    /// <summary>Accepts these values only, and says so in the help.</summary>
    public static Option<string> Among(this Option<string> option, IEnumerable<string> values)
    {
        option.AcceptOnlyFromAmong([.. values]);
        return option;
    }

    /// <summary>Reads a number with a point and no separators, whatever the language of the machine.</summary>
    public static Option<double> Plain(this Option<double> option)
    {
        option.CustomParser = result =>
        {
            var text = result.Tokens is [var only] ? only.Value : "";
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            {
                result.AddError($"{option.Name} is '{text}'; expected a number such as 0.001.");
            }
            return number;
        };
        return option;
    }

    /// <summary>The JSON object that was given for an option; null where none was.</summary>
    /// <exception cref="ArgumentException">It is no JSON, or no object.</exception>
    public static JsonElement? GetJson(this ParseResult arguments, Option<string?> option)
    {
        if (arguments.GetValue(option) is not { } text)
        {
            return null;
        }
        try
        {
            return JsonDocument.Parse(text).RootElement is { ValueKind: JsonValueKind.Object } options ? options
                : throw new ArgumentException($"{option.Name} is {text}; expected a JSON object, such as '{{\"layers\":2}}'.");
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"{option.Name} is no JSON: {e.Message} Expected an object, such as '{{\"layers\":2}}', quoted for the shell.", e);
        }
    }
}
