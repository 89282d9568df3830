namespace Cclm.Inference;

/// <summary>An item that can not be fetched or published: it is not there, the shelf can not be reached, or a program is missing.</summary>
/// <remarks>Content that is damaged, hostile or of another model is an <see cref="InvalidDataException"/> instead.</remarks>
/// <param name="message">What was found, what was expected and what to do.</param>
/// <param name="innerException">What lies beneath it.</param>
public sealed class ShelfException(string message, Exception? innerException = null) : IOException(message, innerException);
