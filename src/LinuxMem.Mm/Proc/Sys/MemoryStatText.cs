using System.Text;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Lru;
using LinuxMem.Mm.Memcg;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Stats;

namespace LinuxMem.Mm.Proc.Sys;

/// <summary>The text of memory.stat: what a memory cgroup and those below it have, in bytes; their faults.</summary>
/// <remarks>
/// Linux: mm/memcontrol.c: memory_stats, memcg_vm_event_stat, memcg_stat_format, v6.18, of a kernel without zswap and
/// transparent huge pages, whose lines are left out. Pages are counted by looking at every frame when somebody reads
/// it; zero is what is not modelled.
/// </remarks>
public static class MemoryStatText
{
    // Counts that Linux keeps among the states; the rest are events. An empty list is what is not modelled.
    private static readonly (string Name, VmEvent[] Counts)[] Counted =
    [
        ("workingset_refault_anon", [VmEvent.WorkingsetRefaultAnon]),
        ("workingset_refault_file", [VmEvent.WorkingsetRefaultFile]),
        ("workingset_activate_anon", [VmEvent.WorkingsetActivateAnon]),
        ("workingset_activate_file", [VmEvent.WorkingsetActivateFile]),
        ("workingset_restore_anon", [VmEvent.WorkingsetRestoreAnon]),
        ("workingset_restore_file", [VmEvent.WorkingsetRestoreFile]),
        ("workingset_nodereclaim", []),
        ("pgdemote_kswapd", []),
        ("pgdemote_direct", []),
        ("pgdemote_khugepaged", []),
        ("pgdemote_proactive", []),
        ("pgscan", [VmEvent.PgScanKswapd, VmEvent.PgScanDirect]),
        ("pgsteal", [VmEvent.PgStealKswapd, VmEvent.PgStealDirect]),
        ("pswpin", [VmEvent.PswpIn]),
        ("pswpout", [VmEvent.PswpOut]),
        ("pgscan_kswapd", [VmEvent.PgScanKswapd]),
        ("pgscan_direct", [VmEvent.PgScanDirect]),
        ("pgscan_khugepaged", []),
        ("pgscan_proactive", []),
        ("pgsteal_kswapd", [VmEvent.PgStealKswapd]),
        ("pgsteal_direct", [VmEvent.PgStealDirect]),
        ("pgsteal_khugepaged", []),
        ("pgsteal_proactive", []),
        ("pgfault", [VmEvent.PgFault]),
        ("pgmajfault", [VmEvent.PgMajFault]),
        ("pgrefill", [VmEvent.PgRefill]),
        ("pgactivate", [VmEvent.PgActivate]),
        ("pgdeactivate", [VmEvent.PgDeactivate]),
        ("pglazyfree", [VmEvent.PgLazyFree]),
        ("pglazyfreed", [VmEvent.PgLazyFreed]),
        ("swpin_zero", []),
        ("swpout_zero", []),
    ];

    /// <summary>Appends it.</summary>
    public static void Append(StringBuilder text, MemCgroup group, ProcContext context)
    {
        int shift = context.Memory.Geometry.PageShift;
        foreach ((string name, long pages) in Pages(group, context))
            text.Append(ProcFormat.Invariant, $"{name} {pages << shift}\n");
        foreach ((string name, VmEvent[] counts) in Counted)
            text.Append(ProcFormat.Invariant, $"{name} {counts.Sum(count => group.Stat[count])}\n");
    }

    private static IEnumerable<(string Name, long Pages)> Pages(MemCgroup group, ProcContext context)
    {
        long anon = 0, file = 0, tables = 0, shmem = 0, mapped = 0, dirty = 0, writeback = 0, swapCached = 0;
        long unevictable = 0;
        MemMap map = context.Memory.Map;
        MemCgroups groups = context.Memory.Groups!;
        for (uint pfn = 1; pfn < map.FrameCount; pfn++)
        {
            PageFrame frame = map[new Pfn(pfn)];
            if (frame.Place < FramePlace.PageTable || !groups.IsPaidWithin(new Pfn(pfn), group))
                continue;
            bool isCached = frame.Place is FramePlace.File or FramePlace.Shmem;
            anon += frame.Place == FramePlace.Anon ? 1 : 0;
            tables += frame.Place == FramePlace.PageTable ? 1 : 0;
            shmem += frame.Place == FramePlace.Shmem ? 1 : 0;
            file += isCached ? 1 : 0;
            mapped += isCached && frame.MapCount > 0 ? 1 : 0;
            dirty += frame.Place == FramePlace.File && (frame.Flags & PageFlags.Dirty) != 0 ? 1 : 0;
            writeback += frame.Place == FramePlace.File && (frame.Flags & PageFlags.Writeback) != 0 ? 1 : 0;
            swapCached += (frame.Flags & PageFlags.SwapCached) != 0 ? 1 : 0;
            unevictable += (frame.Flags & PageFlags.Unevictable) != 0 ? 1 : 0;
        }

        yield return ("anon", anon);
        yield return ("file", file);
        yield return ("kernel", tables);
        yield return ("kernel_stack", 0);
        yield return ("pagetables", tables);
        yield return ("sec_pagetables", 0);
        yield return ("percpu", 0);
        yield return ("sock", 0);
        yield return ("vmalloc", 0);
        yield return ("shmem", shmem);
        yield return ("file_mapped", mapped);
        yield return ("file_dirty", dirty);
        yield return ("file_writeback", writeback);
        yield return ("swapcached", swapCached);
        yield return ("inactive_anon", Listed(group, context, PageKind.Anon, false));
        yield return ("active_anon", Listed(group, context, PageKind.Anon, true));
        yield return ("inactive_file", Listed(group, context, PageKind.File, false));
        yield return ("active_file", Listed(group, context, PageKind.File, true));
        yield return ("unevictable", unevictable);
        yield return ("slab_reclaimable", 0);
        yield return ("slab_unreclaimable", 0);
        yield return ("slab", 0);
    }

    private static long Listed(MemCgroup group, ProcContext context, PageKind kind, bool active)
    {
        long pages = 0;
        foreach (MemCgroup one in context.Memory.Groups!.All)
            pages += one.IsWithin(group) ? context.Memory.Lru!.CountOf(one.Id, kind, active) : 0;
        return pages;
    }
}
