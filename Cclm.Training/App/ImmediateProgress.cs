namespace Cclm.Training.App;

/// <summary>Progress told on the thread that works; <see cref="Progress{T}"/> would post it elsewhere and out of order.</summary>
sealed class ImmediateProgress<T>(Action<T> tell) : IProgress<T>
{
    public void Report(T value) => tell(value);
}
