namespace Cclm.Training.App;

/// <summary>A row of a job's answer.</summary>
/// <param name="Number">The row's number in the inputs, from 0.</param>
/// <param name="Id">Its identifier; null where none was asked for.</param>
/// <param name="Text">Its text; null where it was not asked for.</param>
/// <param name="Vector">[D]</param>
sealed record EmbeddedRow(long Number, string? Id, string? Text, float[] Vector);

/// <summary>What all rows of an answer have in common.</summary>
/// <param name="Rows">How many there are.</param>
/// <param name="Width">D, the length of their vectors.</param>
/// <param name="HasIds">Whether they have identifiers.</param>
/// <param name="HasTexts">Whether they have their texts.</param>
sealed record VectorTable(long Rows, int Width, bool HasIds, bool HasTexts);
