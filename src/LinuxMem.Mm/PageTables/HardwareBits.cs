using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;
using LinuxMem.Arch.Tlbs;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Simulation;

namespace LinuxMem.Mm.PageTables;

/// <summary>Sets the accessed and dirty bits that CPUs have logged in the tables of shared mms.</summary>
/// <remarks>
/// Who logged one walked when the entry named a frame. The kernel may have changed the entry since, at a moment that
/// lies before the access: what was stored through it reached the frame nevertheless, until the interrupt came. The
/// entry, or where that names the frame no more, the frame itself remembers it.
/// </remarks>
public sealed class HardwareBits
{
    private readonly KernelMemory memory;
    private readonly PteFormat format;
    private readonly int indexMask;
    private readonly int pageShift;

    /// <summary>Over one machine's memory.</summary>
    public HardwareBits(KernelMemory memory)
    {
        this.memory = memory;
        format = memory.Geometry.Format;
        indexMask = memory.Tables.LeafEntries - 1;
        pageShift = memory.Geometry.PageShift;
    }

    /// <summary>
    /// Sets one. Precondition: whatever happens before its moment has happened, and no frame has been freed since that
    /// a CPU could reach at that moment.
    /// </summary>
    public void Set(in AccessedDirtyOp op)
    {
        KernelBug.Assert(memory.Map[new Pfn(op.Table)].Place == FramePlace.PageTable,
            $"I17 violated: frame {op.Table} was a page table for an access at {op.TimeNs} ns, and is none");
        var slot = new PteSlot(new Pfn(op.Table), (int)(op.Va >> pageShift) & indexMask);
        ulong entry = memory.Tables.Read(slot);
        bool isMapped = (entry & (format.Present | format.ProtNone)) != 0;
        if (isMapped && format.PfnOf(entry) == op.Pfn)
            memory.Tables.Write(slot, entry | format.Accessed | (op.IsStore ? format.Dirty : 0));
        else if (op.IsStore)
            NoteStore(ref memory.Map[new Pfn(op.Pfn)]);
    }

    // What swap has of the page is out of date; or its owner, who had no need of it, has now. Pages of files are dirty
    // since their entries allow stores.
    private static void NoteStore(ref PageFrame frame)
    {
        bool isUnneeded = frame.Place == FramePlace.Anon && (frame.Flags & PageFlags.SwapBacked) == 0;
        if (isUnneeded || (frame.Flags & PageFlags.SwapCached) != 0)
            frame.Flags |= PageFlags.Dirty;
    }
}
