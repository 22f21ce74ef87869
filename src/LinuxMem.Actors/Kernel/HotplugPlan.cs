using LinuxMem.Mm.Hotplug;
using LinuxMem.Simulation.Rounds;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Kernel;

/// <summary>When CPUs and memory come and go. No CPU runs past such a moment before it is reached.</summary>
public sealed class HotplugPlan
{
    private readonly IReadOnlyList<HotplugSettings> entries;
    private readonly Dispatcher dispatcher;
    private readonly Mm.Kernel kernel;
    private int next;

    /// <summary>Plans the events of a scenario.</summary>
    public HotplugPlan(
        IReadOnlyList<HotplugSettings> entries, EventHeap events, Dispatcher dispatcher, Mm.Kernel kernel)
    {
        this.kernel = kernel;
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
        if (entry.MemoryBytes == 0)
        {
            dispatcher.SetOnline(entry.Cpu, entry.IsOnline, entry.AtNs);
            return;
        }

        int shift = kernel.Memory.Geometry.PageShift;
        ulong first = entry.MemoryStart >> shift, end = (entry.MemoryStart + entry.MemoryBytes) >> shift;
        uint most = kernel.Memory.Map.FrameCount;
        var range = new FrameRange((uint)Math.Min(first, most), (uint)Math.Min(end, most + 1UL));
        if (entry.IsOnline)
            kernel.MemoryHotplug.Online(range, entry.AtNs);
        else
            kernel.MemoryHotplug.BeginOffline(range, entry.AtNs);
    }
}
