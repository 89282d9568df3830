using System.Text.Json;

namespace Cclm.Training.Recipes;

/// <summary>A value of a JSON text, with where it stands.</summary>
/// <param name="Kind">What it begins as.</param>
/// <param name="Start">Its first byte.</param>
/// <param name="End">The byte behind it.</param>
/// <param name="Properties">An object's, in order.</param>
/// <param name="Items">A list's.</param>
sealed record JsonPlace(JsonTokenType Kind, int Start, int End, IReadOnlyList<(string Name, int Start, JsonPlace Value)> Properties, IReadOnlyList<JsonPlace> Items)
{
    /// <summary>The value of a property or list; null where there is none.</summary>
    /// <param name="step">A property's name, or a number from 0.</param>
    public JsonPlace? this[object step] => step is int number ? Items.ElementAtOrDefault(number)
        : Properties.FirstOrDefault(property => property.Name == (string)step).Value;
}
