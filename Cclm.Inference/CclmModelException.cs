namespace Cclm.Inference;

/// <summary>A model file that cannot be used, or a model that cannot answer.</summary>
/// <param name="message">What was found, what was expected and what to do, without any of the text that was embedded.</param>
/// <param name="innerException">What lies beneath it.</param>
public sealed class CclmModelException(string message, Exception? innerException = null) : Exception(message, innerException);
