using Microsoft.Extensions.Logging;

namespace LinuxMem.Actors.Tests.Hosting;

/// <summary>Keeps what is logged at a level or above.</summary>
internal sealed class RecordingLoggers(LogLevel least) : ILoggerFactory, ILogger
{
    public List<string> Events { get; } = [];

    public List<KeyValuePair<string, object?>> Properties { get; } = [];

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= least;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        Events.Add(formatter(state, exception));
        if (state is IEnumerable<KeyValuePair<string, object?>> properties)
            Properties.AddRange(properties);
    }

    public void Dispose()
    {
    }
}
