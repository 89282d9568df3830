using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Cclm.Export;

/// <summary>The edges of a model's outputs by their names; asking for one that is not there says which are.</summary>
/// <param name="owner">What has them, as the beginning of a sentence.</param>
/// <param name="edges">The edges; of a name that occurs twice, the first.</param>
sealed class NamedEdges(string owner, IEnumerable<KeyValuePair<string, Edge>> edges) : IReadOnlyDictionary<string, Edge>
{
    readonly Dictionary<string, Edge> edges = edges.DistinctBy(edge => edge.Key).ToDictionary();

    /// <exception cref="KeyNotFoundException">There is no such output.</exception>
    public Edge this[string key] => edges.TryGetValue(key, out var edge) ? edge : throw new KeyNotFoundException($"{owner} has no output '{key}'{Suggestion.Among(key, Keys)}");

    public IEnumerable<string> Keys => edges.Keys;

    public IEnumerable<Edge> Values => edges.Values;

    public int Count => edges.Count;

    public bool ContainsKey(string key) => edges.ContainsKey(key);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out Edge value) => edges.TryGetValue(key, out value);

    public IEnumerator<KeyValuePair<string, Edge>> GetEnumerator() => edges.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
