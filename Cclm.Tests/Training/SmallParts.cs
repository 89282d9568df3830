using Cclm.Inference;
using Cclm.Training;

namespace Cclm.Tests.Training;

/// <summary>Parts small enough to make hundreds of, at sizes where a mixed-up dimension shows.</summary>
static class SmallParts
{
    public const string Characters = "abcdefghijklmnopqrstuvwxyz .,'";

    public static Preprocessor Preprocessor { get; } = new(Vocabulary.Fit([Characters]), new() { MaxLength = 40 });

    public static EmbedderOptions EmbedderOptions { get; } =
        new() { Vocabulary = Preprocessor.Vocabulary.Count, MaxLength = 40, CharacterWidth = 6, Blocks = 2, Filters = 10, GlobalFilters = 3 };

    public static TransformerOptions TowerOptions { get; } = new() { Layers = 2, Heads = 5, FeedForward = 14 };

    public static ConvEmbedder Embedder(int seed = 1)
    {
        TorchSharp.torch.random.manual_seed(seed);
        return new(EmbedderOptions);
    }

    public static TransformerTower Tower(Embedder embedder, NormPlacement norm = NormPlacement.Pre) => new(embedder, TowerOptions with { Norm = norm });

    public static ConvEmbedder CausalEmbedder(int seed = 1)
    {
        TorchSharp.torch.random.manual_seed(seed);
        return new(EmbedderOptions with { Causal = true });
    }

    /// <summary>An embedder of n-grams, whose tables have gradients of few rows.</summary>
    public static ConvEmbedder NGrams(bool causal) => new(EmbedderOptions with { NGrams = [2, 5], NGramBuckets = 31, Causal = causal });

    /// <summary>An embedder of n-grams of words: the space and the marks of <see cref="Characters"/> are in none.</summary>
    public static ConvEmbedder WordNGrams() => new(EmbedderOptions with { NGrams = [2, 5], NGramBuckets = 31, WordNGrams = true }, Preprocessor.Vocabulary);

    public static TransformerTower CausalTower(Embedder embedder) => new(embedder, TowerOptions with { Causal = true });

    /// <summary>What a head on so many channels is made with.</summary>
    public static HeadDefinition HeadOf(int width, HeadTask task) => new() { Task = task, Width = width, Labels = ["O", "B-A", "I-A"], Scheme = task == HeadTask.Tagging ? TagScheme.Bio : null };

    /// <summary>A text of a length, the same for the same seed.</summary>
    public static string Text(int length, Random random) => new([.. Enumerable.Range(0, length).Select(_ => Characters[random.Next(Characters.Length)])]);
}
