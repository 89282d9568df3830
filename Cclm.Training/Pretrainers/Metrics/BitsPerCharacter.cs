using static TorchSharp.torch.nn;

namespace Cclm.Training;

/// <summary>The bits that a causal model needs for a character, -log2 p of the next one in the mean, and how often its likeliest one is right.</summary>
sealed class BitsPerCharacter : Metric
{
    /// <summary>What it is called where it is written down.</summary>
    public const string Name = "bits per character";

    readonly Accuracy accuracy = new();
    double nats;
    long count;

    /// <inheritdoc/>
    public override void Add(Answer answer)
    {
        var first = ((CausalAnswer)answer).First;
        var next = new Answer(answer.Output[first], answer.Expected[first]);
        accuracy.Add(next);
        nats += functional.cross_entropy(next.Output, next.Expected, reduction: Reduction.Sum).item<float>();
        count += next.Count;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Measure> Measures => [new(Name, nats / count / Math.Log(2), Share: false), .. accuracy.Measures];
}
