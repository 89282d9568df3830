namespace Cclm.Inference;

/// <summary>More texts wait for a model than <see cref="CclmModelOptions.QueueCharacters"/> allows; thrown at once, before the call costs anything.</summary>
/// <param name="message">What was found, and what to do.</param>
/// <param name="retryAfter">About how long what waits will take; what a service tells its clients.</param>
public sealed class CclmQueueFullException(string message, TimeSpan retryAfter) : Exception(message)
{
    /// <summary>About how long what waits will take.</summary>
    public TimeSpan RetryAfter => retryAfter;
}
