using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Memcg;

/// <summary>For how long the tasks of a group waited for memory or disks (memory.pressure, io.pressure).</summary>
public sealed class GroupStall
{
    private int runnable;
    private int forMemory;
    private int forIo;

    /// <summary>Some task of the group waits for memory.</summary>
    public StallTime MemorySome { get; } = new();

    /// <summary>Tasks wait for memory, and none of the group can run.</summary>
    public StallTime MemoryFull { get; } = new();

    /// <summary>Some task of the group waits for a disk.</summary>
    public StallTime IoSome { get; } = new();

    /// <summary>Time goes on to a moment.</summary>
    public void Advance(long nowNs)
    {
        MemorySome.Advance(nowNs, forMemory > 0);
        MemoryFull.Advance(nowNs, forMemory > 0 && runnable == 0);
        IoSome.Advance(nowNs, forIo > 0);
    }

    /// <summary>A task of the group can run again (1), or cannot any more (-1).</summary>
    internal void Change(TaskStruct task, int by, long nowNs)
    {
        Advance(nowNs);
        runnable += by;
        forMemory -= task.StallsForMemory ? by : 0;
        forIo -= task.StallsForIo ? by : 0;
    }
}
