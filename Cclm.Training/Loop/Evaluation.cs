namespace Cclm.Training;

/// <summary>What <see cref="Pretrainer{T}.Evaluate"/> measured.</summary>
/// <param name="Loss">Mean over all that was asked.</param>
/// <param name="Accuracy">The share answered rightly.</param>
/// <param name="Count">How much was asked.</param>
public sealed record Evaluation(double Loss, double Accuracy, long Count);

/// <summary>One answer of a model in training.</summary>
/// <param name="Read">What the model read.</param>
/// <param name="Expected">What was asked for.</param>
/// <param name="Answered">What it said.</param>
public sealed record Sample(string Read, string Expected, string Answered);
