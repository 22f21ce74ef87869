using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Swap;
using LinuxMem.Mm.Userfault;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Fault;

/// <summary>Serves an access to a page that is in swap.</summary>
/// <remarks>
/// Linux: mm/memory.c: do_swap_page; mm/swap_state.c: swapin_readahead, v6.18. First the swap cache is asked, where
/// all who want the page meet; if it is not there, it is read, with others, waited for, and the fault is tried again.
/// </remarks>
public sealed class SwapFault
{
    /// <summary>Stands in a look-up's answer for a slot that holds no page.</summary>
    public const uint FreeSlot = uint.MaxValue;

    private readonly KernelMemory memory;
    private readonly FaultQuestion question;
    private readonly PageMapper mapper;
    private readonly AnonVmas anonVmas;
    private readonly WriteProtectFault writeProtect;
    private readonly SwapReadahead readahead;
    private readonly PteFormat format;

    /// <summary>Over one machine's memory.</summary>
    public SwapFault(KernelMemory memory, FaultQuestion question, PageMapper mapper, AnonVmas anonVmas,
        WriteProtectFault writeProtect)
    {
        this.memory = memory;
        this.question = question;
        this.mapper = mapper;
        this.anonVmas = anonVmas;
        this.writeProtect = writeProtect;
        readahead = new SwapReadahead(memory);
        format = memory.Geometry.Format;
    }

    /// <summary>
    /// The page that the fault has waited for, or none: if it still is what the slot holds, nobody need look it up.
    /// Linux: mm/swap_state.c: folio_matches_swap_entry, v6.18.
    /// </summary>
    public Pfn InHand { get; set; }

    /// <summary>
    /// Asks for the page and those beside it (<paramref name="pages"/> empty), or maps it. Precondition: the entry
    /// names a slot of swap.
    /// </summary>
    public FaultOutcome Handle(in VmFault fault, ReadOnlySpan<uint> pages, ref WorkCost cost)
    {
        SwapEntry entry = SwapPte.EntryOf(format, fault.Entry);
        Pfn page = InHand;
        if (!memory.Swap.IsCachedAs(entry, page))
        {
            if (pages.IsEmpty)
                return question.Ask(readahead.Choose(entry, fault.Vma, fault.Mm, fault.Va));
            uint found = pages[memory.Swap.Window.IndexOf(entry)];
            KernelBug.Assert(found != FreeSlot, $"I31 violated: {entry} is named at 0x{fault.Va:x}, and free");
            if (found == 0)
            {
                // Each page of the window would find itself room.
                int wanted = pages.Count(0U);
                if (wanted > 1 && memory.ReadRoom.Lacks(wanted))
                    return FaultOutcome.OutOfMemory;
                Pfn read = readahead.Read(entry, fault.Vma, fault.Va, pages, fault.At.Cpu, ref cost);
                return read.IsNone ? FaultOutcome.OutOfMemory : FaultOutcome.Waits(read, started: true);
            }

            page = new Pfn(found);
        }

        if ((memory.Map[page].Flags & PageFlags.Locked) != 0)
            return FaultOutcome.Waits(page, started: false);
        // It stays in swap, and so does the entry: somebody may have better luck when it has left the cache.
        if (memory.Io!.ReadErrors.Has(page) && memory.Mutant != Mutant.M45)
            return FaultOutcome.BusAdrErr;
        readahead.Hit(page, fault.Vma, fault.Va);
        return Map(fault, entry, page, ref cost);
    }

    private FaultOutcome Map(in VmFault fault, SwapEntry entry, Pfn page, ref WorkCost cost)
    {
        bool exclusive = SwapPte.IsExclusive(format, fault.Entry);
        if (anonVmas.Prepare(fault.Vma) is not { } own)
            return FaultOutcome.OutOfMemory;
        ref PageFrame frame = ref memory.Map[page];
        frame.Place = FramePlace.Anon;
        if (frame.MapCount == 0 && anonVmas.Find(frame.Owner) is null)
        {
            frame.Owner = (exclusive ? own : own.Root).Id;
            frame.Index = (uint)fault.Vma.PageIndexOf(fault.Va);
        }

        bool writes = exclusive && fault.IsWrite;
        ulong bits = mapper.ReadOnlyBits(fault.Vma.Flags) | format.Accessed;
        if (exclusive && (fault.Vma.Flags & VmFlags.Write) != 0 && !UserfaultRanges.IsProtected(fault))
            bits |= format.Write;
        if (exclusive)
            frame.Flags |= PageFlags.AnonExclusive;
        frame.RefCount++;
        mapper.Map(fault.Mm, fault.Slot, fault.Va, page, writes ? bits | format.Dirty : bits,
            fault.At, fault.Vma.Flags);
        if (memory.Mutant != Mutant.M92)
            fault.Mm.SwapEntries--;
        // A store to what others have too takes a copy, and lets the page go at once.
        if (memory.Mutant != Mutant.M78 || !exclusive)
            Put(entry, stays: !fault.IsWrite || writes);
        bool locked = (fault.Vma.Flags & VmFlags.Locked) != 0;
        if ((writes || locked || memory.Swap.IsFull) && (frame.Flags & PageFlags.Writeback) == 0)
            memory.Swap.TryFree(page);
        if (!fault.IsWrite || writes)
            return new FaultOutcome(FaultKind.SwapIn);
        FaultOutcome copied = writeProtect.Handle(fault with { Entry = memory.Tables.Read(fault.Slot) }, ref cost);
        // Without memory for the copy the page stays mapped, and the store faults again.
        return copied.Kind == FaultKind.OutOfMemory ? copied : copied with { Kind = FaultKind.SwapIn };
    }

    private void Put(SwapEntry entry, bool stays)
    {
        if (stays)
            memory.Swap.PutMapped(entry);
        else
            memory.Swap.Put(entry);
    }
}
