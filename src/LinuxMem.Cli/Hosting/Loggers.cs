using System.Globalization;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Sinks.SystemConsole.Themes;

namespace LinuxMem.Cli.Hosting;

/// <summary>
/// Logging: structured, through Serilog, to the standard error stream only, since stdout carries the result.
/// </summary>
internal static class Loggers
{
    /// <summary>The levels by the names that --log-level takes, from the most talkative.</summary>
    public static readonly string[] Levels = ["verbose", "debug", "information", "warning", "error", "fatal"];

    /// <summary>The level that is used unless asked otherwise: quiet while all is well.</summary>
    public const string DefaultLevel = "warning";

    /// <summary>Whether anything below warnings is logged, which would tear a live view apart.</summary>
    public static bool IsTalkative(string level) => Array.IndexOf(Levels, level) < Array.IndexOf(Levels, DefaultLevel);

    /// <summary>
    /// Makes the factory; disposing it flushes. Precondition: the level is one of <see cref="Levels"/>.
    /// </summary>
    public static ILoggerFactory Create(string level) => new SerilogLoggerFactory(
        new LoggerConfiguration()
            .MinimumLevel.Is((LogEventLevel)Array.IndexOf(Levels, level))
            .WriteTo.Console(
                outputTemplate: "{Timestamp:HH:mm:ss.fff} {Level:u3} {SourceContext}: {Message:lj}{NewLine}{Exception}",
                formatProvider: CultureInfo.InvariantCulture,
                standardErrorFromLevel: LogEventLevel.Verbose,
                theme: ConsoleTheme.None)
            .CreateLogger(),
        dispose: true);
}
