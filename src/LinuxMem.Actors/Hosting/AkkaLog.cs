using Akka.Actor;
using Akka.Event;
using Akka.Hosting.Logging;
using Microsoft.Extensions.Logging;
using AkkaLogLevel = Akka.Event.LogLevel;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace LinuxMem.Actors.Hosting;

/// <summary>
/// Passes Akka's log events on to Akka.Hosting's logger factory (Serilog's, in the command), with their properties.
/// </summary>
/// <remarks>
/// Akka.Hosting's own logger is an actor. It loses what is still in its mailbox when the system ends, which is when a
/// failed run has the most to say, and on one thread it would answer Akka's start-up question only after the start-up.
/// So the factory is handed over as Akka.Hosting does it (<see cref="LoggerFactorySetup"/>), and the events go straight
/// to it.
/// </remarks>
internal sealed class AkkaLog : EventTap
{
    /// <summary>The category of Akka's events; its level decides which of them are made at all.</summary>
    public const string Category = "Akka";

    private readonly ILogger logger;

    private AkkaLog(ExtendedActorSystem system, ILogger logger)
        : base(system, "log") => this.logger = logger;

    /// <summary>The least level that the loggers want; null if they want nothing.</summary>
    public static AkkaLogLevel? LevelOf(ILoggerFactory loggers)
    {
        var logger = loggers.CreateLogger(Category);
        for (var level = AkkaLogLevel.DebugLevel; level <= AkkaLogLevel.ErrorLevel; level++)
        {
            if (logger.IsEnabled(LevelOf(level)))
                return level;
        }

        return null;
    }

    /// <summary>Passes on what has this level and above; nothing if it is null.</summary>
    public static void Start(ExtendedActorSystem system, AkkaLogLevel? least)
    {
        var setup = system.Settings.Setup.Get<LoggerFactorySetup>();
        if (least is null || !setup.HasValue)
            return;
        var log = new AkkaLog(system, setup.Value.LoggerFactory.CreateLogger(Category));
        for (var level = least.Value; level <= AkkaLogLevel.ErrorLevel; level++)
            system.EventStream.Subscribe(log, Logging.ClassFor(level));
    }

    /// <inheritdoc/>
    protected override void On(object published)
    {
        if (published is not LogEvent { Message: { } message } log)
            return;
        var level = LevelOf(log.LogLevel());
        if (message is LogMessage parts)
        {
            // The format is the template: its holes are the names of the properties.
#pragma warning disable CA2254
            logger.Log(level, log.Cause, parts.Format + " [{LogSource}]", [.. parts.Parameters(), log.LogSource]);
#pragma warning restore CA2254
        }
        else
        {
            logger.Log(level, log.Cause, "{Message} [{LogSource}]", message, log.LogSource);
        }
    }

    private static LogLevel LevelOf(AkkaLogLevel level) => level switch
    {
        AkkaLogLevel.DebugLevel => LogLevel.Debug,
        AkkaLogLevel.InfoLevel => LogLevel.Information,
        AkkaLogLevel.WarningLevel => LogLevel.Warning,
        _ => LogLevel.Error,
    };
}
