namespace Cclm.Training;

/// <summary>What a head stands on: towers side by side, known by the hashes of their weights.</summary>
/// <param name="Embedder">The hash of the towers' embedder.</param>
/// <param name="Towers">The towers, in the order in which the head reads their channels.</param>
public sealed record HeadBase(string Embedder, IReadOnlyList<HeadTower> Towers)
{
    /// <summary>A tower by itself.</summary>
    public static HeadBase Of(Embedder embedder, string name, Tower tower) => new(embedder.WeightsHash(), [new(name, tower.WeightsHash())]);

    /// <summary>All towers of a composed model.</summary>
    public static HeadBase Of(ComposedModel model) => new(model.Base.WeightsHash(), [.. model.Towers.Select(tower => new HeadTower(tower.Name, tower.Tower.WeightsHash()))]);
}

/// <summary>A tower that a head reads.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Weights">The hash of its weights.</param>
public sealed record HeadTower(string Name, string Weights);
