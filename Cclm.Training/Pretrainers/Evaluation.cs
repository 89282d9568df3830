namespace Cclm.Training;

/// <summary>What <see cref="Pretrainer{T}.Evaluate"/> measured.</summary>
/// <param name="Loss">Mean over all that was asked.</param>
/// <param name="Accuracy">The share answered rightly.</param>
/// <param name="Count">How much was asked.</param>
public sealed record Evaluation(double Loss, double Accuracy, long Count);
