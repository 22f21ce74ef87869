using LinuxMem.Mm.Tlb;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.PageTables;

/// <summary>Moves leaf entries to another address of the same address space, for mremap.</summary>
/// <remarks>
/// Linux: mm/mremap.c: move_page_tables, move_ptes, v6.18. A frame that moves keeps its mapping and its reference, so
/// nothing is counted. Whole tables are not moved at once: Linux does that to save time only.
/// </remarks>
public sealed class PageMover
{
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;

    /// <summary>Over one machine's memory.</summary>
    public PageMover(KernelMemory memory, PageMapper mapper)
    {
        this.memory = memory;
        this.mapper = mapper;
    }

    /// <summary>
    /// Moves the entries of [from, from + length) to <paramref name="to"/>, where no page is mapped. Where memory for a
    /// table is out, nothing is moved, and false returned.
    /// </summary>
    public bool Move(Mm mm, ulong from, ulong to, ulong length, TrapPoint at, ref WorkCost cost)
    {
        if (!HasTables(mm, from, to, length, at, ref cost))
            return false;
        MoveEntries(mm, from, to, length, at, ref cost);
        return true;
    }

    // All tables are made before anything moves, so that nothing has to move back: other CPUs would see it on the way.
    private bool HasTables(Mm mm, ulong from, ulong to, ulong length, TrapPoint at, ref WorkCost cost)
    {
        ulong page = memory.Geometry.PageBytes;
        for (ulong done = 0; done < length;)
        {
            PteSlot source = memory.Tables.Find(mm, from + done);
            if (!source.Exists)
            {
                done = memory.Tables.SkipMissing(mm, from + done, from + length) - from;
                continue;
            }

            if (memory.Tables.Read(source) != 0 && !memory.Tables.FindOrAlloc(mm, to + done, at.Cpu, ref cost).Exists)
                return false;
            done += page;
        }

        return true;
    }

    private void MoveEntries(Mm mm, ulong from, ulong to, ulong length, TrapPoint at, ref WorkCost cost)
    {
        ulong page = memory.Geometry.PageBytes;
        MmuGather gather = memory.Coherence.Begin(mm);
        ulong done = 0;
        while (done < length)
        {
            PteSlot source = memory.Tables.Find(mm, from + done);
            if (!source.Exists)
            {
                done = memory.Tables.SkipMissing(mm, from + done, from + length) - from;
                continue;
            }

            ulong entry = memory.Tables.Read(source);
            if (entry != 0)
            {
                PteSlot target = memory.Tables.Find(mm, to + done);
                if (memory.Mutant != Mutant.M130 || mapper.IsMapped(entry))
                    mapper.Set(mm, target, to + done, entry, at);
                mapper.Set(mm, source, from + done, 0, at);
                if (memory.Mutant != Mutant.M09)
                    gather.Touch((from + done) >> memory.Geometry.PageShift);
                cost.UnmappedPages++;
            }

            done += page;
        }

        cost.FixedNs += memory.Coherence.Finish(mm, gather, at.Cpu, at.NowNs, nests: false);
    }
}
