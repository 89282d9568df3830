using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>
/// An embedder, run once, with towers on it: <c>hidden = [tower_1(e) | tower_2(e) | ..]</c> where <c>e = embedder(ids)</c>.
/// It is an embedder itself, so that towers can stand on a composition.
/// </summary>
public sealed class ComposedModel : Embedder
{
    readonly Embedder embedder;
    readonly ModuleDict<Tower> towers;

    /// <param name="embedder">The shared base.</param>
    /// <param name="towers">Named towers, in the order of their slices.</param>
    /// <exception cref="ArgumentException">No tower, two of one name, or a tower of another width than the embedder's.</exception>
    public ComposedModel(Embedder embedder, params IReadOnlyList<(string Name, Tower Tower)> towers) : base(nameof(ComposedModel))
    {
        if (towers.Count == 0)
        {
            throw new ArgumentException("A composed model needs at least one tower; found none.", nameof(towers));
        }
        foreach (var (name, tower) in towers)
        {
            tower.CheckStandsOn(embedder, name);
        }
        if (towers.GroupBy(tower => tower.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"Two towers are called '{twice.Key}'. Give each tower a name of its own.", nameof(towers));
        }
        this.embedder = embedder;
        this.towers = ModuleDict(towers.Select(tower => (tower.Name, tower.Tower)).ToArray());
        Towers = towers;
        RegisterComponents();
        CheckKeys();
    }

    /// <summary>The shared base.</summary>
    public Embedder Base => embedder;

    /// <summary>The towers, in the order of their slices.</summary>
    public IReadOnlyList<(string Name, Tower Tower)> Towers { get; }

    /// <inheritdoc/>
    public override int Width => Towers.Sum(tower => tower.Tower.Width);

    /// <inheritdoc/>
    public override int Vocabulary => embedder.Vocabulary;

    /// <inheritdoc/>
    public override int MaxLength => embedder.MaxLength;

    /// <inheritdoc/>
    public override bool Causal => embedder.Causal && Towers.All(tower => tower.Tower.Causal);

    /// <inheritdoc/>
    public override Value forward(Value ids)                                // [B,T] -> [B,T,sum C_i]
    {
        var hidden = embedder.call(ids);
        var said = Towers.Select(tower => tower.Tower.call(hidden)).ToList();
        return said.Count == 1 ? said[0] : said[0].cat(said.Skip(1));
    }

    internal override IEnumerable<IEnumerable<Parameter>> PartsByDepth() => embedder.PartsByDepth().Prepend(Towers.SelectMany(tower => tower.Tower.parameters()));

    /// <summary>The slice of the last dimension that a tower says.</summary>
    /// <exception cref="ArgumentException">There is no such tower.</exception>
    public Range Slice(string name)
    {
        var start = 0;
        foreach (var (other, tower) in Towers)
        {
            if (other == name)
            {
                return start..(start + tower.Width);
            }
            start += tower.Width;
        }
        throw new ArgumentException($"There is no tower '{name}'; there are {string.Join(", ", Towers.Select(tower => $"'{tower.Name}'"))}.", nameof(name));
    }
}
