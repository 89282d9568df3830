namespace Cclm.Training;

/// <summary>One component on an embedder: hidden [B,T,C] to hidden [B,T,C_i]. Derive from it to add a tower of your own.</summary>
/// <param name="embedder">What the tower stands on.</param>
/// <param name="width">C_i, the channels that the tower adds to a composed model.</param>
/// <param name="options">What the tower is made with: a record that JSON can carry, so that a saved tower can be made again.</param>
public abstract class Tower(Embedder embedder, int width, object options) : Layer("Tower")
{
    /// <summary>C, the channels of the embedder that the tower stands on.</summary>
    public int InputWidth { get; } = embedder.Width;

    /// <summary>C_i, the channels that the tower adds to a composed model.</summary>
    public int Width => width;

    /// <summary>What the tower was made with.</summary>
    public object Options => options;

    /// <summary>Whether a position knows of nothing that comes after it.</summary>
    public virtual bool Causal => false;

    /// <summary>Checks that the tower reads what an embedder writes.</summary>
    /// <param name="embedder">The embedder.</param>
    /// <param name="name">The tower's name, where it has one.</param>
    /// <exception cref="ArgumentException">Their channels differ.</exception>
    internal void CheckStandsOn(Embedder embedder, string? name = null)
    {
        if (InputWidth != embedder.Width)
        {
            throw new ArgumentException(
                $"{(name is null ? "The tower" : $"Tower '{name}'")} reads {InputWidth} channels but the embedder writes {embedder.Width}. Train the tower on this embedder.", nameof(embedder));
        }
    }
}
