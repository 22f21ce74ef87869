using LinuxMem.Abi;
using LinuxMem.Arch.Memory;
using LinuxMem.Arch.Paging;
using LinuxMem.Arch.Tlbs;

namespace LinuxMem.Arch.Tests.Support;

/// <summary>A world and an MMU with round costs: a hit 1, the second level 10 more, each entry read by a walk 100
/// more.</summary>
internal sealed class Rig : IDisposable
{
    public static readonly MmuCosts Costs = new(1, 10, 100);
    public static readonly TlbSettings Small = new(new(1, 2), new(1, 2), new(2, 4), 4, 4);

    public Rig(
        PagingGeometry? geometry = null, ContentMode contents = ContentMode.None, TlbSettings? tlb = null,
        int spaces = 1)
    {
        World = new World(geometry ?? PagingGeometry.X86_64, contents, spaces);
        Mmu = new Mmu(0, World.Ram, World.Geometry, tlb ?? Small, Costs, 1);
        Mmu.Load(World.Mm, 0, Task);
    }

    public World World { get; }

    public Mmu Mmu { get; }

    public TaskAccesses Task { get; } = new(7, 99);

    public long Now;

    public MmuFault Fault;

    public AccessBatch Batch() => new(World.Geometry.PageShift);

    /// <summary>One access; what it cost, or -1 for a fault.</summary>
    public long Cost(AccessKind kind, ulong va)
    {
        AccessBatch batch = Batch();
        batch.AddRun(kind, va, 0, 1);
        long before = Now;
        return Mmu.Run(batch, ref Now, long.MaxValue, out Fault) == MmuStop.Fault ? -1 : Now - before;
    }

    public List<TlbEntryInfo> Entries()
    {
        List<TlbEntryInfo> all = [];
        Mmu.ExportEntries(all);
        return all;
    }

    public void Dispose()
    {
        Mmu.Dispose();
        World.Dispose();
    }
}
