using LinuxMem.Simulation.Rounds;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Kernel;

/// <summary>When CPUs come and go. No CPU runs past such a moment before it is reached.</summary>
public sealed class HotplugPlan
{
    private readonly IReadOnlyList<HotplugSettings> entries;
    private readonly Dispatcher dispatcher;
    private int next;

    /// <summary>Plans the events of a scenario.</summary>
    public HotplugPlan(IReadOnlyList<HotplugSettings> entries, EventHeap events, Dispatcher dispatcher)
    {
        this.entries = entries;
        this.dispatcher = dispatcher;
        for (int i = 0; i < entries.Count; i++)
            events.Plan(entries[i].AtNs, EventKind.Hotplug, i);
    }

    /// <summary>The next moment; <see cref="long.MaxValue"/> if none is left.</summary>
    public long NextNs => next < entries.Count ? entries[next].AtNs : long.MaxValue;

    /// <summary>The next moment is there.</summary>
    public void Serve()
    {
        HotplugSettings entry = entries[next++];
        dispatcher.SetOnline(entry.Cpu, entry.IsOnline, entry.AtNs);
    }
}
