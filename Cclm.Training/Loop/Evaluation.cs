using System.Text.Json.Serialization;

namespace Cclm.Training;

/// <summary>What <see cref="Pretrainer{T}.Evaluate"/> measured.</summary>
/// <param name="Loss">Mean over all that was asked.</param>
/// <param name="Count">How much was asked.</param>
/// <param name="Measures">How well it was answered; the first is what the task is judged by.</param>
public sealed record Evaluation(double Loss, long Count, params IReadOnlyList<Measure> Measures)
{
    /// <summary>What the task is judged by.</summary>
    [JsonIgnore]
    public Measure Main => Measures[0];

    /// <summary>A measure by its name.</summary>
    /// <exception cref="ArgumentException">The task does not measure that.</exception>
    public double this[string name] => Measures.FirstOrDefault(measure => measure.Name == name)?.Value
        ?? throw new ArgumentException($"'{name}' was not measured; there are {string.Join(", ", Measures.Select(measure => $"'{measure.Name}'"))}.", nameof(name));

    /// <summary>Two evaluations are equal when all their numbers are.</summary>
    public bool Equals(Evaluation? other) => other is not null && Loss.Equals(other.Loss) && Count == other.Count && Measures.SequenceEqual(other.Measures);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Loss, Count, Measures.Count);

    /// <inheritdoc/>
    public override string ToString() => $"loss {Loss:F3}, {string.Join(", ", Measures)} of {Count:N0}";
}

/// <summary>One number about how well a task is done.</summary>
/// <param name="Name">What it is, such as <c>accuracy</c>.</param>
/// <param name="Value">The number.</param>
/// <param name="Share">Whether it is a share, 0 to 1, which readers see as percent.</param>
public sealed record Measure(string Name, double Value, bool Share = true)
{
    /// <summary>The number alone, as readers see it.</summary>
    [JsonIgnore]
    public string Shown => Share ? $"{Value:P1}" : $"{Value:F3}";

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Shown}";
}

/// <summary>One answer of a model in training.</summary>
/// <param name="Read">What the model read.</param>
/// <param name="Expected">What was asked for.</param>
/// <param name="Answered">What it said.</param>
public sealed record Sample(string Read, string Expected, string Answered);
