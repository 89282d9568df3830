using TorchSharp;

namespace Cclm.Training.Premise;

/// <summary>A model in training, to begin from as often as one likes: as it was pretrained, or with weights drawn anew.</summary>
/// <param name="folder">Where it was trained.</param>
/// <param name="types">The parts it is made of.</param>
public sealed class TrainableModel(ModelFolder folder, PartTypes types)
{
    /// <summary>Its preprocessor.</summary>
    public Inference.Preprocessor Preprocessor { get; } = folder.LoadPreprocessor();

    /// <summary>A model with its weights.</summary>
    public ComposedModel Pretrained() => folder.LoadComposed(Preprocessor);

    /// <summary>A model of its sizes with weights drawn by a seed.</summary>
    public ComposedModel Drawn(int seed)
    {
        using var trained = Pretrained();
        torch.random.manual_seed(seed);
        return (ComposedModel)types.MakeEmbedder(types.Describe(trained));
    }
}
