using Cclm.Inference;
using Cclm.Training.Data;

namespace Cclm.Training.Premise;

/// <summary>A head on a model, trained with all that is below it or alone.</summary>
/// <param name="Cancellation">Ends training.</param>
public sealed record FineTuning(CancellationToken Cancellation)
{
    const int BatchSize = 32, LeastSteps = 200;
    const double Typos = 0.2;           // of the words of what is learned, drawn anew each time

    /// <summary>Passes over the rows; few rows are seen more often, for <see cref="LeastSteps"/>.</summary>
    public required int Epochs { get; init; }

    /// <summary>The head's learning rate.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>What is below learns with this share of the rate of what is above it; few labels leave more as it was pretrained, many do best with 1.</summary>
    public double DepthDecay { get; init; } = 0.3;

    /// <summary>Of matrix products.</summary>
    public Precision Precision { get; init; }

    /// <summary>Trains on labelled texts, and measures others.</summary>
    /// <param name="preprocessor">The model's.</param>
    /// <param name="model">The model; it is changed, and freed.</param>
    /// <param name="frozen">Whether the head alone is trained.</param>
    /// <param name="rows">What is learned.</param>
    /// <param name="seed">Of order and first weights.</param>
    /// <param name="tests">What is measured, each by itself.</param>
    /// <returns>The accuracy of each test.</returns>
    public IReadOnlyList<double> Classify(Preprocessor preprocessor, ComposedModel model, bool frozen, IReadOnlyList<LabelledText> rows, int seed, params IReadOnlyList<IReadOnlyList<LabelledText>> tests) =>
        Train(model, frozen, whole => new CategoricalPretrainer("head", preprocessor, model, whole, [.. rows.Select(row => row.Label).Distinct().Order(StringComparer.Ordinal)], Augmentors.Typos(Typos)), rows, seed, "accuracy", tests);

    /// <summary>Trains on tagged sentences, and measures spans of others.</summary>
    /// <returns>The F1 of each test.</returns>
    /// <inheritdoc cref="Classify"/>
    public IReadOnlyList<double> Tag(Preprocessor preprocessor, ComposedModel model, bool frozen, IReadOnlyList<TaggedSentence> rows, int seed, params IReadOnlyList<IReadOnlyList<TaggedSentence>> tests) =>
        Train(model, frozen, whole => new TaggingPretrainer("head", preprocessor, model, whole, TagSet.Of(rows.Concat(tests.SelectMany(test => test)))), rows, seed, "F1", tests);

    IReadOnlyList<double> Train<T>(ComposedModel model, bool frozen, Func<WholeModel, Pretrainer<T>> create, IReadOnlyList<T> rows, int seed, string measure, IReadOnlyList<IReadOnlyList<T>> tests)
    {
        using var _ = model;
        using var whole = new WholeModel(model);
        if (frozen)
        {
            model.Freeze();
        }
        TorchSharp.torch.random.manual_seed(seed);
        using var tuner = create(whole);
        tuner.Train(rows, new() { Steps = Math.Max(LeastSteps, rows.Count * Epochs / BatchSize), BatchSize = BatchSize, LearningRate = LearningRate, DepthDecay = DepthDecay, Seed = seed, Precision = Precision }, cancellation: Cancellation);
        Cancellation.ThrowIfCancellationRequested();
        return [.. tests.Select(test => tuner.Evaluate(test, cancellation: Cancellation)[measure])];
    }
}
