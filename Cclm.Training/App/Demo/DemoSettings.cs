namespace Cclm.Training.App;

/// <summary>The sizes of the demo: what two cores learn something useful with in about two minutes.</summary>
static class DemoSettings
{
    public const string Characters = "char_mask", Namespaces = "namespace";
    public const int MaxLength = 160;               // nine of ten summaries are shorter
    public const int MinTextsALabel = 50;           // a rarer namespace teaches nothing
    public const int HeldOutPermille = 100;
    public static readonly Cclm.Inference.VocabularyOptions Vocabulary = new() { MinCount = 2 };    // characters seen once teach what an unknown one is
    public const double Typos = 0.15;               // the share of the words misspelt in training, so that typos are nothing new

    // Dropout is 0: within a run this short no text is seen often enough to be learned by heart.
    public static readonly TransformerOptions Tower = new() { Layers = 1, Heads = 4, FeedForward = 128, Dropout = 0 };
    public static readonly TrainingOptions CharacterTraining = new() { Steps = 1_200, BatchSize = 32, LearningRate = 3e-3 };
    public static readonly TrainingOptions NamespaceTraining = new() { Steps = 1_800, BatchSize = 32, LearningRate = 3e-3 };

    public static EmbedderOptions Embedder(int vocabulary) =>
        new() { Vocabulary = vocabulary, MaxLength = MaxLength, Blocks = 2, Filters = 64, GlobalFilters = 32, Dropout = 0 };

    /// <summary>Asked of the search at the end; the last three are misspelt.</summary>
    public static readonly string[] Queries =
    [
        "read all lines of a text file", "stop a running task", "compress data with gzip",
        "read lines form a file", "cancle a task", "encript a mesage",
    ];
}
