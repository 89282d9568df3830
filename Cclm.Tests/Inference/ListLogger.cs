using Microsoft.Extensions.Logging;

namespace Cclm.Tests.Inference;

/// <summary>Keeps what is logged.</summary>
sealed class ListLogger : ILogger, ILoggerProvider
{
    readonly Lock guard = new();
    readonly List<string> lines = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (guard)
            {
                return [.. lines];
            }
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (guard)
        {
            lines.Add($"{logLevel}: {formatter(state, exception)} {exception}".TrimEnd());
        }
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public ILogger CreateLogger(string categoryName) => this;

    public void Dispose()
    {
        // The lines are still asked for.
    }
}
