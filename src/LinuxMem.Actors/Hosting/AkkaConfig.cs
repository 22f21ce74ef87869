using Akka.Configuration;
using Akka.Event;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Hosting;

/// <summary>Akka's settings: the embedded <c>akka.hocon</c>, and what depends on the run laid over it.</summary>
internal static class AkkaConfig
{
    /// <summary>The file, parsed once for the process; a Config is immutable.</summary>
    private static readonly Config File = Parse();

    /// <summary>The file with its <c>seeded</c> section laid over it.</summary>
    private static readonly Config Seeded = File.GetConfig("seeded").WithFallback(File);

    /// <summary>The settings for a run with these knobs.</summary>
    public static Config For(EngineSettings engine, LogLevel? logLevel)
    {
        var config = engine.ScheduleSeed is null ? File : Seeded;
        return ConfigurationFactory.ParseString("akka.loglevel = " + NameOf(logLevel)).WithFallback(config);
    }

    private static string NameOf(LogLevel? level) => level switch
    {
        LogLevel.DebugLevel => "DEBUG",
        LogLevel.InfoLevel => "INFO",
        LogLevel.WarningLevel => "WARNING",
        LogLevel.ErrorLevel => "ERROR",
        _ => "OFF",
    };

    private static Config Parse()
    {
        using var stream = typeof(AkkaConfig).Assembly.GetManifestResourceStream("akka.hocon")
            ?? throw new KernelBug("akka.hocon is not embedded in LinuxMem.Actors");
        using var reader = new StreamReader(stream);
        return ConfigurationFactory.ParseString(reader.ReadToEnd());
    }
}
