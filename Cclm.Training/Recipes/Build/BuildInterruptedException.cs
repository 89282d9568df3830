namespace Cclm.Training.Recipes;

/// <summary>A build was stopped; the same command goes on where it was.</summary>
/// <param name="step">The step that was being made.</param>
/// <param name="inner">Where in it.</param>
sealed class BuildInterruptedException(string step, OperationCanceledException inner) : OperationCanceledException(
    $"Interrupted in the step '{step}'{(inner.Message.StartsWith("at ", StringComparison.Ordinal) ? $" {inner.Message}" : "")}. What is done is kept; the same command goes on from there.", inner, inner.CancellationToken);
