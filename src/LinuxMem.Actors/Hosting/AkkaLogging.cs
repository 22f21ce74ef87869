using Akka.Actor;
using Akka.Event;
using Akka.Hosting.Logging;
using Microsoft.Extensions.Logging;
using AkkaLogLevel = Akka.Event.LogLevel;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace LinuxMem.Actors.Hosting;

/// <summary>Sends Akka's log events to the command's loggers (Serilog), by Akka.Hosting's logger actor.</summary>
internal static class AkkaLogging
{
    /// <summary>The category whose level decides which of Akka's events are made at all.</summary>
    public const string Category = "Akka";

    /// <summary>The least level that the loggers want; Off if they want nothing.</summary>
    public static AkkaLogLevel LevelOf(ILoggerFactory loggers)
    {
        var logger = loggers.CreateLogger(Category);
        if (logger.IsEnabled(LogLevel.Debug))
            return AkkaLogLevel.DebugLevel;
        if (logger.IsEnabled(LogLevel.Information))
            return AkkaLogLevel.InfoLevel;
        if (logger.IsEnabled(LogLevel.Warning))
            return AkkaLogLevel.WarningLevel;
        return logger.IsEnabled(LogLevel.Error) ? AkkaLogLevel.ErrorLevel : Off;
    }

    /// <summary>Logs nothing.</summary>
    public static AkkaLogLevel Off => Logging.LogLevelFor("OFF");

    /// <summary>Starts the logger actor and subscribes it to the level and above.</summary>
    public static void Start(ExtendedActorSystem system, AkkaLogLevel level)
    {
        if (level == Off)
            return;
        var logger = system.SystemActorOf(Props.Create<LoggerFactoryLogger>(), "log");
        for (var each = level; each <= AkkaLogLevel.ErrorLevel; each++)
            system.EventStream.Subscribe(logger, Logging.ClassFor(each));
    }
}
