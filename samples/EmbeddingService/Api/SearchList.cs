using System.Text.Json.Serialization;

namespace EmbeddingService.Api;

/// <summary>The members that were found, the nearest first.</summary>
sealed record SearchList(IReadOnlyList<SearchHit> Data)
{
    public string Object { get; } = "list";
}

/// <summary>A member of the .NET API.</summary>
/// <param name="Name">Its name, such as <c>File.ReadLines</c>.</param>
/// <param name="Namespace">Where it is, such as <c>System.IO</c>.</param>
/// <param name="Summary">What its documentation says.</param>
/// <param name="Score">The cosine of its vector and the query's, both standardised over all members.</param>
/// <param name="Towers">The same of what each tower says; none where the model's vector mixes them.</param>
sealed record SearchHit(string Name, string Namespace, string Summary, float Score, IReadOnlyList<TowerScore> Towers);

/// <summary>How near one tower alone finds a member.</summary>
/// <param name="Tower">The tower's name.</param>
/// <param name="Score">The cosine of its part of the vectors.</param>
sealed record TowerScore(string Tower, float Score);

/// <summary>Whether there is something to search.</summary>
/// <param name="Phase">How far it is.</param>
/// <param name="Done">How many members are in the index.</param>
/// <param name="Total">How many will be.</param>
/// <param name="Message">The same for people.</param>
sealed record SearchState(SearchPhase Phase, int Done, int Total, string Message);

/// <summary>How far the search's index is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SearchPhase>))]
enum SearchPhase
{
    /// <summary>Documentation is read and embedded.</summary>
    Building,

    /// <summary>It can be searched.</summary>
    Ready,

    /// <summary>There is nothing to search.</summary>
    Absent,
}
