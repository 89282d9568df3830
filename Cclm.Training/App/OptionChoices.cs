using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Cclm.Training.Recipes;

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
        const string Expected = """Expected an object, such as '{"layers":2}', quoted for the shell.""";
        try
        {
            var json = new JsonText(option.Name, Encoding.UTF8.GetBytes(text));
            return json.Root.Kind == JsonTokenType.StartObject ? JsonSerializer.Deserialize<JsonElement>(json.Bytes, RecipeJson.Options)
                : throw new ArgumentException($"{option.Name} is {text}. {Expected}");
        }
        catch (InvalidDataException e)
        {
            throw new ArgumentException($"{e.Message} {Expected}", e);
        }
    }
}
