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
    /// <param name="towers">Its towers; all that were trained where none is named.</param>
    public ComposedModel Pretrained(params IReadOnlyList<string> towers) => folder.LoadComposed(Preprocessor, towers);

    /// <summary>A model of its sizes with weights drawn by a seed.</summary>
    /// <inheritdoc cref="Pretrained"/>
    public ComposedModel Drawn(int seed, params IReadOnlyList<string> towers)
    {
        using var trained = Pretrained(towers);
        torch.random.manual_seed(seed);
        var drawn = (ComposedModel)types.MakeEmbedder(types.Describe(trained));
        foreach (var (name, buffer) in trained.named_buffers())
        {
            drawn.get_buffer(name)!.copy_(buffer);          // what is made from the vocabulary, and not learned
        }
        return drawn;
    }

    /// <summary>Bits a character of texts, as each causal tower tells the next one that was trained to; none where there is no such tower.</summary>
    public IEnumerable<(string Tower, double Bits)> BitsPerCharacterOf(IReadOnlyList<string> texts, CancellationToken cancellation)
    {
        using var embedder = folder.LoadEmbedder(Preprocessor);
        foreach (var name in folder.TowerNames.Where(name => embedder.Causal && File.Exists(folder.HeadFile(name))))
        {
            using var tower = folder.LoadTower(name, embedder);
            if (!tower.Causal)
            {
                continue;
            }
            using var pretrainer = new CausalPretrainer(name, Preprocessor, embedder, tower);
            if (folder.AnswerOfHead(name) == pretrainer.RunDescription)
            {
                pretrainer.Load(folder);
                yield return (name, pretrainer.Evaluate(texts, cancellation: cancellation)[BitsPerCharacter.Name]);
            }
        }
    }
}
