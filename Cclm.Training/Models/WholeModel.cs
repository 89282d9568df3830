namespace Cclm.Training;

/// <summary>All towers of a composed model as one: a head on it reads what every tower says. It has no weights of its own.</summary>
/// <param name="model">The composed model, which stays the caller's.</param>
public sealed class WholeModel(ComposedModel model) : Tower(model, model.Width, new object())
{
    /// <summary>The composed model.</summary>
    public ComposedModel Model { get; } = model;

    /// <inheritdoc/>
    public override bool Causal => Model.Causal;

    /// <inheritdoc/>
    public override Value forward(Value x) => x;                            // [B,T,C]
}
