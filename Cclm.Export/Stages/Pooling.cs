namespace Cclm.Export;

/// <summary>How the vectors of a text's characters become one vector.</summary>
public enum Pooling
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>Their largest value, channel by channel.</summary>
    Max,

    /// <summary>Mean and maximum, one after the other: twice as wide.</summary>
    MeanMax,

    /// <summary>The vector at the last position that is not padding: that of CLS, where the preprocessor adds it.</summary>
    Cls,
}

/// <summary>A pooled output: how positions become one vector, and what is done to each tower's slice of it.</summary>
/// <param name="Pooling">How positions become one vector.</param>
public sealed record PoolingOptions(Pooling Pooling)
{
    /// <summary>Whether each slice gets mean 0 and variance 1 (LayerNorm without weights).</summary>
    /// <remarks>On where mean and maximum stand side by side: maxima lie above the means and would decide every cosine.</remarks>
    public bool LayerNorm { get; init; } = Pooling == Pooling.MeanMax;

    /// <summary>Whether each slice of n gets the length 1/sqrt(n), so that the whole vector has length 1.</summary>
    /// <remarks>By slice and not over the whole vector, so that a tower that is replaced changes no other tower's slice.</remarks>
    public bool Normalise { get; init; } = true;

    /// <summary>Width of what a tower of <paramref name="channels"/> channels becomes.</summary>
    public int Width(int channels) => Pooling == Pooling.MeanMax ? 2 * channels : channels;

    /// <summary>The options in the words of a model's metadata, such as <c>mean_max+layer_norm+l2</c>.</summary>
    public override string ToString() => string.Join('+',
        ((string?[])[Words(), LayerNorm ? "layer_norm" : null, Normalise ? "l2" : null]).Where(word => word is not null));

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="OnnxModelException">The words are others.</exception>
    public static PoolingOptions Parse(string words)
    {
        var known = from pooling in Enum.GetValues<Pooling>()
                    from layerNorm in (bool[])[false, true]
                    from normalise in (bool[])[false, true]
                    select new PoolingOptions(pooling) { LayerNorm = layerNorm, Normalise = normalise };
        return known.FirstOrDefault(options => options.ToString() == words) ?? throw new OnnxModelException(
            $"The model pools by '{words}', which this version does not know; expected one like '{new PoolingOptions(Pooling.MeanMax)}'. Update the library.");
    }

    string Words() => Pooling == Pooling.MeanMax ? "mean_max" : Pooling.ToString().ToLowerInvariant();
}
