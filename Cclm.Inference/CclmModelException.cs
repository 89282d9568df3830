namespace Cclm.Inference;

/// <summary>A model file that can not be used, or a model that can not answer. The message says what was found, what was expected and what to do.</summary>
/// <param name="message">The whole story, without any of the text that was embedded.</param>
/// <param name="innerException">What lies beneath it.</param>
public sealed class CclmModelException(string message, Exception? innerException = null) : Exception(message, innerException);
