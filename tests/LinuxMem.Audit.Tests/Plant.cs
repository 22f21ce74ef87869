using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Tests;

/// <summary>A bug planted in a healthy snapshot: what a broken kernel would leave behind.</summary>
/// <param name="Name">What went wrong.</param>
/// <param name="Ids">The invariants that must be reported, and no others.</param>
/// <param name="Damage">Does it.</param>
/// <param name="Busy">Whether the machine has an unmap under way.</param>
internal sealed record Plant(string Name, string Ids, Action<MachineSnapshot> Damage, bool Busy = false)
{
    public override string ToString() => Name;
}

/// <summary>Finds records of the sample machine by what they are.</summary>
internal static class Pick
{
    public static ref FrameRecord FrameOf(this MachineSnapshot s, uint pfn)
    {
        for (int i = 0; i < s.Frames.Count; i++)
        {
            if (s.Frames[i].Pfn == pfn)
                return ref s.Frames[i];
        }

        throw new InvalidOperationException($"no record of frame 0x{pfn:x}");
    }

    public static ref FrameRecord First(this MachineSnapshot s, FramePlace place)
    {
        for (int i = 0; i < s.Frames.Count; i++)
        {
            if (s.Frames[i].Place == place)
                return ref s.Frames[i];
        }

        throw new InvalidOperationException($"no frame that is {place}");
    }

    public static ref PteRecord Pte(this MachineSnapshot s, int mm, ulong va)
    {
        for (int i = 0; i < s.Ptes.Count; i++)
        {
            if (s.Ptes[i].MmId == mm && s.Ptes[i].Va == va)
                return ref s.Ptes[i];
        }

        throw new InvalidOperationException($"no entry of mm {mm} at 0x{va:x}");
    }

    /// <summary>The entry of a CPU's live row for a page.</summary>
    public static ref TlbRecord TlbEntry(this MachineSnapshot s, int cpu, ulong va, int asid = 1)
    {
        for (int i = 0; i < s.Tlb.Count; i++)
        {
            if (s.Tlb[i].Cpu == cpu && s.Tlb[i].Asid == asid && s.Tlb[i].Vpn == va >> 12 && !s.Tlb[i].IsTable)
                return ref s.Tlb[i];
        }

        throw new InvalidOperationException($"no entry of cpu {cpu} at 0x{va:x}");
    }

    public static void DropTlbEntry(this MachineSnapshot s, int cpu, ulong va) =>
        s.TlbEntry(cpu, va) = s.TlbEntry(cpu, SampleMachine.Data);

    public static ref TlbRecord WalkCacheEntry(this MachineSnapshot s)
    {
        for (int i = 0; i < s.Tlb.Count; i++)
        {
            if (s.Tlb[i].IsTable)
                return ref s.Tlb[i];
        }

        throw new InvalidOperationException("no entry of a walk cache");
    }

    public static void RemoveAt<T>(this RecordList<T> list, int index)
        where T : struct
    {
        T[] left = [.. list.Items.ToArray().Where((_, i) => i != index)];
        list.Clear();
        foreach (T item in left)
            list.Add(item);
    }

    public static void InsertAt<T>(this RecordList<T> list, int index, T item)
        where T : struct
    {
        List<T> all = [.. list.Items];
        all.Insert(index, item);
        list.Clear();
        all.ForEach(i => list.Add(i));
    }

    public static int IndexOfBlock(this MachineSnapshot s, int orderMin, int orderMax = 10)
    {
        for (int i = 0; i < s.FreeBlocks.Count; i++)
        {
            if (s.FreeBlocks[i].Order >= orderMin && s.FreeBlocks[i].Order <= orderMax)
                return i;
        }

        throw new InvalidOperationException("no such block");
    }

    public static void Count(this MachineSnapshot s, FreeBlockRecord block, int by) =>
        s.FreeCounters.Add(new FreeCounterRecord
        {
            ZoneIndex = block.ZoneIndex,
            Order = block.Order,
            MigrateType = block.MigrateType,
            Count = by,
        });
}
