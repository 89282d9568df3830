using System.Text.Json;
using System.Text.Json.Serialization;
using Cclm.Export;
using Cclm.Inference;
using Cclm.Training.Data;

namespace Cclm.Training.Recipes;

/// <summary>A model and all that it is made from.</summary>
public sealed record Recipe
{
    /// <summary>The schema that an editor completes the recipe by; nothing else reads it.</summary>
    [JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    /// <summary>The data, by names of your own. Paths are relative to the recipe's folder.</summary>
    public required IReadOnlyDictionary<string, CorpusOptions> Corpora { get; init; }

    /// <summary>How text becomes ids.</summary>
    public RecipePreprocessor Preprocessor { get; init; } = new();

    /// <summary>The base that all towers stand on.</summary>
    public RecipeEmbedder Embedder { get; init; } = new();

    /// <summary>What is trained, one after the other.</summary>
    public required IReadOnlyList<RecipeTower> Towers { get; init; }

    /// <summary>What answers from the towers, which it leaves as they are.</summary>
    public IReadOnlyList<RecipeHead> Heads { get; init; } = [];

    /// <summary>How the parts become one model.</summary>
    public RecipeComposition Composition { get; init; } = new();

    /// <summary>The composed model in fewer bits, in a file of its own; null for none.</summary>
    public RecipeQuantization? Quantization { get; init; }

    /// <summary>What is measured.</summary>
    public RecipeEvaluation Evaluation { get; init; } = new();
}

/// <summary>How text becomes ids.</summary>
public sealed record RecipePreprocessor
{
    /// <summary>Names of the corpora whose characters are counted, without the texts that are held out; null for those that towers are trained on.</summary>
    public IReadOnlyList<string>? Corpora { get; init; }

    /// <summary>The most ids of one text, CLS among them; later characters are cut. An embedder has one position for each.</summary>
    public int MaxLength { get; init; } = new NewModel().Preprocessor.MaxLength;

    /// <summary>A text's length is rounded up to a multiple of this, for models that shorten the sequence inside.</summary>
    public int DownsampleFactor { get; init; } = new NewModel().Preprocessor.DownsampleFactor;

    /// <summary>Whether CLS ends each text.</summary>
    public bool AddCls { get; init; } = new NewModel().Preprocessor.AddCls;

    /// <summary>A character that is seen less often than this becomes the unknown id; with 2 or more, training learns what an unknown character is.</summary>
    public int MinCount { get; init; } = new NewModel().Vocabulary.MinCount;

    /// <summary>The most ids of the vocabulary, the four reserved ones among them; null for no limit.</summary>
    public int? MaxSize { get; init; }

    internal PreprocessorOptions ToPreprocessor() => new() { MaxLength = MaxLength, DownsampleFactor = DownsampleFactor, AddCls = AddCls };

    internal VocabularyOptions ToVocabulary() => new() { MinCount = MinCount, MaxSize = MaxSize };
}

/// <summary>The base that all towers stand on.</summary>
public sealed record RecipeEmbedder
{
    /// <summary>The embedder's size.</summary>
    public JsonElement? Options { get; init; }

    /// <summary>The name of the tower that the embedder is trained with; all others are trained on it as it then is. Null for the first.</summary>
    public string? TrainedWith { get; init; }

    /// <summary>Several towers that the embedder is trained with in one run, instead of one; null for one.</summary>
    public RecipeTogether? Together { get; init; }
}

/// <summary>Several towers that the embedder is trained with in one run: each step trains one of them, and the embedder learns from all.</summary>
public sealed record RecipeTogether
{
    /// <summary>Names of the towers, each with how often it is trained beside the others: one of weight 2 twice as often as one of weight 1.</summary>
    public required IReadOnlyDictionary<string, double> Weights { get; init; }

    /// <summary>How they are trained, instead of each tower's own; steps are counted over all of them.</summary>
    public TrainingOptions Training { get; init; } = new();
}

/// <summary>Something that is trained on a task.</summary>
public abstract record RecipeTask
{
    /// <summary>Its name: lower-case letters, digits and underscores.</summary>
    public required string Name { get; init; }

    /// <summary>What it is trained on.</summary>
    public required string Task { get; init; }

    /// <summary>The task's options.</summary>
    public JsonElement? TaskOptions { get; init; }

    /// <summary>The name of the corpus.</summary>
    public required string Corpus { get; init; }

    /// <summary>How it is trained.</summary>
    public TrainingOptions Training { get; init; } = new();
}

/// <summary>One tower.</summary>
public sealed record RecipeTower : RecipeTask
{
    /// <summary>The tower's type.</summary>
    public string Type { get; init; } = "transformer";

    /// <summary>The tower's size.</summary>
    public JsonElement? Options { get; init; }
}

/// <summary>One head. Its logits are an output of the composed model.</summary>
public sealed record RecipeHead : RecipeTask
{
    /// <summary>Names of the towers that it reads; null for all that are composed.</summary>
    public IReadOnlyList<string>? Towers { get; init; }
}

/// <summary>How the parts become one model.</summary>
public sealed record RecipeComposition
{
    /// <summary>Names of towers, in the order of their slices; null for all, as they are listed.</summary>
    public IReadOnlyList<string>? Towers { get; init; }

    /// <summary>How the vectors of a text's characters become one; null for a model that gives a vector for each character only.</summary>
    public Pooling? Pooling { get; init; } = Export.Pooling.MeanMax;

    /// <summary>Whether each tower's slice gets mean 0 and variance 1; null for the pooling's own choice.</summary>
    public bool? LayerNorm { get; init; }

    /// <summary>Whether each tower's slice is scaled, so that the whole vector has length 1.</summary>
    public bool Normalise { get; init; } = true;

    /// <summary>The model that takes ids, for .NET; null for none.</summary>
    public string? File { get; init; } = "model.onnx";

    /// <summary>The model that takes text, for any language with ONNX Runtime; null for none.</summary>
    public string? TextInFile { get; init; }

    internal CompositionOptions ToOptions() => new()
    {
        Pooling = Pooling is { } pooling && new PoolingOptions(pooling) is var usual ? usual with { LayerNorm = LayerNorm ?? usual.LayerNorm, Normalise = Normalise } : null,
    };
}

/// <summary>The composed model in fewer bits: the one that takes ids, or the one that takes text where there is no other.</summary>
public sealed record RecipeQuantization
{
    /// <summary>The numbers: products in 8-bit integers, half precision, or weights alone in 8 bits.</summary>
    public ModelPrecision To { get; init; } = ModelPrecision.Int8;

    /// <summary>The name of the corpus whose texts it is compared with the composed model on.</summary>
    public required string Corpus { get; init; }

    /// <summary>The file.</summary>
    public string File { get; init; } = "model.quantized.onnx";

    /// <summary>Beginnings of the names of weights that stay as they are.</summary>
    public IReadOnlyList<string> Keep { get; init; } = [];

    /// <summary>The least mean cosine with what the composed model says; with less, the build fails.</summary>
    public double MinCosine { get; init; } = new QuantizationLimits().MeanCosine;

    /// <summary>The least cosine of any one text.</summary>
    public double WorstCosine { get; init; } = new QuantizationLimits().WorstCosine;

    /// <summary>The most texts that it is compared on.</summary>
    public int AtMost { get; init; } = QuantizationTexts.AtMost;

    internal QuantizationOptions ToOptions() => new(To) { Keep = Keep };
}

/// <summary>What is measured.</summary>
public sealed record RecipeEvaluation
{
    /// <summary>About how many of 1,000 different texts are held out of all training; of a corpus of 200 rows or fewer, 300.</summary>
    public int HeldOutPermille { get; init; } = 50;

    /// <summary>A linear classifier on the composed model's vectors: how much they know of a label. Null for none.</summary>
    public RecipeProbe? Probe { get; init; }
}

/// <summary>A linear classifier on the composed model's vectors.</summary>
public sealed record RecipeProbe
{
    /// <summary>The name of a corpus with labels.</summary>
    public required string Corpus { get; init; }

    /// <summary>The most texts that it is trained on, and a quarter of the most that it is measured on.</summary>
    public int AtMost { get; init; } = 20_000;
}
