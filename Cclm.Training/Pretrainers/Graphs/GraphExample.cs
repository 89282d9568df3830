namespace Cclm.Training;

/// <summary>The texts of nodes that are asked about and of some around them.</summary>
/// <param name="Texts">The ids of each node's text.</param>
/// <param name="Targets">The class that is asked for; none where an edge is.</param>
/// <param name="Around">The nodes, as many as texts, and the edges between them.</param>
public sealed record GraphExample(IReadOnlyList<long[]> Texts, long[] Targets, Neighbourhood Around) : Example(Texts, Targets)
{
    /// <summary>Neighbourhoods overlap: a text that several of a batch have is read once.</summary>
    public override bool SharesTexts => true;
}
