using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Cclm.Training.App;

/// <summary>A linear classifier on vectors that are kept as they are: how much a composed model knows of a label (Alain and Bengio 2017).</summary>
static class LinearProbe
{
    const int Epochs = 8, BatchSize = 512;
    const double Rate = 0.01;

    /// <summary>Trains on vectors of known label and tells the share of others that it labels rightly.</summary>
    public static double Accuracy(IReadOnlyList<float[]> train, IReadOnlyList<string> trainLabels, IReadOnlyList<float[]> heldOut, IReadOnlyList<string> heldOutLabels)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        var classes = trainLabels.Distinct().Order(StringComparer.Ordinal).Index().ToDictionary(label => label.Item, label => (long)label.Index);
        var (x, y) = (Matrix(train), Targets(trainLabels, classes));
        // Each dimension gets mean 0 and variance 1, which takes nothing from a linear classifier and lets it learn fast.
        var (mean, deviation) = (x.mean([0]), x.std(0).add(Scalars.Kept(1e-6), Scalars.One));
        x = (x - mean) / deviation;
        using var linear = Linear(train[0].Length, classes.Count);
        using var optimizer = new FlatParameters([new([.. linear.parameters()])]);
        var steps = Epochs * (train.Count + BatchSize - 1) / BatchSize;
        for (var step = 0; step < steps; step++)
        {
            using var inner = NewDisposeScope();
            var rows = randint(train.Count, BatchSize, dtype: ScalarType.Int64);
            functional.cross_entropy(linear.call(x[rows]), y[rows]).backward();
            optimizer.Step(Rate * (1 - ((double)step / steps)), weightDecay: 0, clipNorm: 1);
        }
        using var frozen = no_grad();
        return linear.call((Matrix(heldOut) - mean) / deviation).argmax(-1).eq(Targets(heldOutLabels, classes)).to(ScalarType.Float32).mean().item<float>();
    }

    static Tensor Matrix(IReadOnlyList<float[]> rows) => tensor(rows.SelectMany(row => row).ToArray()).view(rows.Count, -1);

    /// <summary>Classes of labels; one that was never trained on is a class that is never told.</summary>
    static Tensor Targets(IReadOnlyList<string> labels, Dictionary<string, long> classes) =>
        tensor(labels.Select(label => classes.GetValueOrDefault(label, -1)).ToArray());
}
