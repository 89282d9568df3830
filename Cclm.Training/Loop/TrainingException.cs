namespace Cclm.Training;

/// <summary>A run can not go on.</summary>
public sealed class TrainingException : Exception
{
    /// <summary>A run can not go on.</summary>
    public TrainingException()
    {
    }

    /// <param name="message">What was found, and what to do.</param>
    public TrainingException(string message) : base(message)
    {
    }

    /// <param name="message">What was found, and what to do.</param>
    /// <param name="inner">What caused it.</param>
    public TrainingException(string message, Exception inner) : base(message, inner)
    {
    }
}
