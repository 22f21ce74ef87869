using Akka.Event;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Tests.Hosting;

public class AkkaConfigSpec
{
    private static readonly string[] Dispatchers =
    [
        "akka.actor.default-dispatcher", "akka.actor.internal-dispatcher", "akka.actor.default-blocking-io-dispatcher",
    ];

    [Fact]
    public void The_file_is_what_the_system_runs_with()
    {
        using var host = ActorSystemHostSpec.Start(new EngineSettings());
        var settings = host.System.Settings;
        Assert.Empty(settings.Loggers);
        Assert.Equal("OFF", settings.StdoutLogLevel);
        Assert.Equal(0, settings.LogDeadLetters);
        Assert.Contains("NoTimers", settings.SchedulerClass);
        Assert.Contains("MachineSupervision", settings.SupervisorStrategyClass);
        Assert.False(settings.Config.GetBoolean("akka.coordinated-shutdown.run-by-clr-shutdown-hook", true));
        Assert.False(settings.Config.GetBoolean("akka.coordinated-shutdown.run-by-actor-system-terminate", true));
        Assert.False(settings.Config.GetBoolean("akka.actor.serialization-settings.allow-unregistered-types", true));
    }

    [Fact]
    public void Every_dispatcher_uses_the_hosts_executor()
    {
        using var host = ActorSystemHostSpec.Start(new EngineSettings());
        foreach (string id in Dispatchers)
        {
            Assert.Contains("HostExecutorConfigurator", host.System.Settings.Config.GetString(id + ".executor"));
            Assert.Equal(100, host.System.Dispatchers.Lookup(id).Throughput);
        }
    }

    [Fact]
    public void A_schedule_seed_gives_every_dispatcher_the_finest_interleaving()
    {
        using var host = ActorSystemHostSpec.Start(new EngineSettings { ScheduleSeed = 1 });
        foreach (string id in Dispatchers)
        {
            var dispatcher = host.System.Dispatchers.Lookup(id);
            Assert.Equal(1, dispatcher.Throughput);
            Assert.True(dispatcher.ThroughputDeadlineTime > 0);
        }
    }

    [Fact]
    public void Log_events_reach_the_loggers_with_their_properties()
    {
        using var loggers = new RecordingLoggers(Microsoft.Extensions.Logging.LogLevel.Information);
        using (var host = LinuxMem.Actors.Hosting.ActorSystemHost.Create("test", new EngineSettings(), loggers))
        {
            host.System.Log.Info("frame {Pfn} is {State}", 77, "free");
            host.System.Log.Debug("not wanted");
        }

        Assert.Contains(loggers.Events, text => text.Contains("frame 77 is free", StringComparison.Ordinal));
        Assert.Contains(loggers.Properties, property => property is { Key: "Pfn", Value: 77 });
        Assert.DoesNotContain(loggers.Events, text => text.Contains("not wanted", StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_is_logged_when_nobody_listens()
    {
        using var loggers = new RecordingLoggers(Microsoft.Extensions.Logging.LogLevel.None);
        using (var host = LinuxMem.Actors.Hosting.ActorSystemHost.Create("test", new EngineSettings(), loggers))
        {
            Assert.Equal("OFF", host.System.Settings.LogLevel);
            host.System.Log.Error("lost on purpose");
        }

        Assert.Empty(loggers.Events);
    }
}
