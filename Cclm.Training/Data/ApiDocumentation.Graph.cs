namespace Cclm.Training.Data;

public static partial class ApiDocumentation
{
    /// <summary>The graph of the newest reference pack on this machine.</summary>
    /// <exception cref="DirectoryNotFoundException">No reference pack is installed; the message says what to install.</exception>
    /// <inheritdoc cref="ReadGraph(string)"/>
    public static TextGraph ReadGraph() => ReadGraph(ReferencePack.Find(ReferencePack.Roots()));

    /// <summary>
    /// The members of <see cref="Read(string)"/> as a graph: an edge leads from a member to its type, and to all that its documentation refers
    /// to. Texts are the summaries, labels the namespaces.
    /// </summary>
    /// <exception cref="InvalidDataException">A file is not XML; the message names it.</exception>
    public static TextGraph ReadGraph(string folder)
    {
        var members = Members(folder).DistinctBy(member => member.Member.Id).ToList();
        var places = members.Index().ToDictionary(member => member.Item.Member.Id, member => member.Index);
        IEnumerable<(int, int)> edges = members.SelectMany((member, place) => member.References.Append(TypeOf(member.Member)).Distinct()
            .Where(id => places.ContainsKey(id)).Select(id => (place, places[id])));
        return new([.. members.Select(member => member.Member.Summary)], [.. edges.Where(edge => edge.Item1 != edge.Item2)], [.. members.Select(member => member.Member.Namespace)]);
    }

    static string TypeOf(ApiMember member) => $"T:{member.Namespace}{(member.Namespace.Length > 0 ? "." : "")}{member.Type}";
}
