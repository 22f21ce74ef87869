using LinuxMem.Actors.Machine;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using LinuxMem.Simulation.Tracing;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Actors.Tests.Tracing;

/// <summary>All events of a run.</summary>
internal sealed class EventLog : ITraceSink
{
    public List<TraceEvent> Events { get; } = [];

    public RunResult? Result { get; private set; }

    /// <summary>The run's digest, or why it was refused.</summary>
    public string Outcome { get; private set; } = "";

    public string Digest
    {
        get
        {
            var digest = default(Digest);
            foreach (TraceEvent told in Events)
            {
                digest.Add(told.AtNs);
                digest.Add(((long)told.Point << 32) | (uint)told.Cpu);
                digest.Add(((long)told.Pid << 32) | (uint)told.Tid);
                digest.Add(told.Text ?? "");
                for (int i = 0; i < TraceNumbers.Count; i++)
                    digest.Add(told.Numbers[i]);
            }

            return digest.ToString();
        }
    }

    public void Take(ReadOnlySpan<TraceEvent> events) => Events.AddRange(events);

    public int Count(Tracepoint point) => Events.Count(e => e.Point == point);

    public static EventLog Of(Scenario scenario, EngineSettings engine)
    {
        var log = new EventLog();
        try
        {
            log.Result = MachineRun.Execute(
                scenario with { Engine = engine with { Events = log } }, NullLoggerFactory.Instance);
            log.Outcome = log.Result.Digest;
        }
        catch (ConfigurationException refused)
        {
            log.Outcome = refused.Message;
        }

        return log;
    }
}
