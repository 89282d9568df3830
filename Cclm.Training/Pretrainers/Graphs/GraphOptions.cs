using Cclm.Training.Data;

namespace Cclm.Training;

/// <summary>How a node takes in what its neighbours say.</summary>
public enum GraphConvolution
{
    /// <summary>GraphSAGE (Hamilton et al. 2017): its own vector, and the mean of its neighbours', each with weights of its own.</summary>
    Sage,

    /// <summary>GCN (Kipf and Welling 2017): the sum of its own vector and its neighbours', each by the degrees of both nodes.</summary>
    Gcn,

    /// <summary>GAT (Veličković et al. 2018): its own vector and its neighbours', as much of each as attention says.</summary>
    Gat,
}

/// <summary>What stands above the texts of a graph while a tower is trained on it.</summary>
public sealed record GraphOptions
{
    /// <summary>The kind of the layers.</summary>
    public GraphConvolution Convolution { get; init; } = GraphConvolution.Sage;

    /// <summary>The most neighbours that are drawn for a node: first around what is asked about, then around those, and so on; one layer each. Without any, texts are asked alone.</summary>
    public IReadOnlyList<int> FanOuts { get; init; } = [5, 3];

    /// <summary>The channels of a layer.</summary>
    public int Width { get; init; } = 64;

    /// <summary>What a cosine is divided by where edges are to be told (<see cref="EdgePretrainer"/>).</summary>
    public double Temperature { get; init; } = 0.1;

    /// <summary>Noise put on texts while training.</summary>
    public Augmentor? Augmentor { get; init; }

    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    public void Check()
    {
        if (FanOuts.FirstOrDefault(count => count < 1, 1) is < 1 and var none)
        {
            throw new ArgumentException($"{none} neighbours can not be drawn; expected 1 or more for each layer, such as 5 and 3.", nameof(FanOuts));
        }
        if (Width < 1 || (Convolution == GraphConvolution.Gat && Width % GatLayer.Heads != 0))
        {
            throw new ArgumentException($"Layers can not be {Width} wide; expected 1 or more, and for attention a multiple of its {GatLayer.Heads} heads.", nameof(Width));
        }
        new ContrastiveOptions { Temperature = Temperature }.Check();
    }

    /// <summary>What a head's weights are for.</summary>
    internal string Layers => FanOuts.Count == 0 ? "texts alone" : $"{FanOuts.Count} {Convolution.ToString().ToLowerInvariant()} layers of {Width}";
}
