using LinuxMem.Abi;
using LinuxMem.Mm.Fault;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Userfault;

/// <summary>Which ranges of an address space somebody has registered, and what that makes of a fault.</summary>
/// <remarks>
/// Linux: fs/userfaultfd.c: handle_userfault; mm/userfaultfd.c: userfaultfd_register_range,
/// userfaultfd_clear_vma, v6.18.
/// </remarks>
public static class UserfaultRanges
{
    /// <summary>VM_UFFD_MISSING, VM_UFFD_WP, VM_UFFD_MINOR.</summary>
    public const VmFlags Mask = VmFlags.UffdMissing | VmFlags.UffdWp | VmFlags.UffdMinor;

    /// <summary>Who has registered an address; null for nobody.</summary>
    public static UserfaultContext? Find(Mm mm, ulong va)
    {
        if (mm.Userfaults is null)
            return null;
        foreach (UserfaultContext context in mm.Userfaults)
        {
            if (context.Covers(va))
                return context;
        }

        return null;
    }

    /// <summary>
    /// What becomes of a fault on a page that somebody else is to supply; null if nobody is, or the one who supplies it
    /// faults right now.
    /// </summary>
    public static FaultOutcome? Outcome(in VmFault fault, FaultKind kind)
    {
        if (fault.Mm.UserfaultFill == fault.Va || Find(fault.Mm, fault.Va) is not { } context)
            return null;
        return (context.Features & UserfaultContext.SigBusFeature) != 0
            ? FaultOutcome.BusAdrErr : new FaultOutcome(kind);
    }

    /// <summary>
    /// What becomes of a store to a page that is write-protected; null if it is not. Precondition: the page cannot be
    /// stored to as it is.
    /// </summary>
    /// <remarks>Linux: mm/memory.c: do_wp_page, userfaultfd_wp_async, pte_marker_handle_uffd_wp, v6.18.</remarks>
    public static FaultOutcome? OfStore(in VmFault fault)
    {
        if (fault.Mm.UserfaultFill == fault.Va || Find(fault.Mm, fault.Va) is not { } context
            || !context.IsProtected(fault.Va))
            return null;
        // Of anonymous memory that was given up since, the mark went with the page.
        bool isGone = fault.Entry == 0 && fault.Vma.Mapping is null && !context.ProtectsUnpopulated;
        if (isGone || context.IsAsync)
        {
            context.Unprotect(fault.Va);
            return null;
        }

        return (context.Features & UserfaultContext.SigBusFeature) != 0
            ? FaultOutcome.BusAdrErr : new FaultOutcome(FaultKind.Userfault, IsProtected: true);
    }

    /// <summary>Whether a page is to be mapped without the right to store to it.</summary>
    public static bool IsProtected(in VmFault fault) => (fault.Vma.Flags & VmFlags.UffdWp) != 0
        && Find(fault.Mm, fault.Va) is { } context && context.IsProtected(fault.Va);

    /// <summary>
    /// Whether a page carries the mark of write protection: in its entry, or as a marker in place of one where nothing
    /// is there.
    /// </summary>
    /// <remarks>Linux: include/linux/userfaultfd_k.h: pte_swp_uffd_wp_any, v6.18.</remarks>
    public static bool IsMarked(Mm mm, Vma vma, ulong va, ulong entry) => (vma.Flags & VmFlags.UffdWp) != 0
        && Find(mm, va) is { } context && context.IsProtected(va)
        && (entry != 0 || vma.Mapping is not null || context.ProtectsUnpopulated);

    /// <summary>
    /// Pages of private memory that were given up lose their marks with their entries; what left a guard keeps its own.
    /// </summary>
    /// <remarks>Linux: mm/memory.c: zap_pte_range, zap_install_uffd_wp_if_needed, v6.18: files keep theirs.</remarks>
    public static void Dropped(Mm mm, Vma vma, ulong start, ulong end, PageTableOps tables, ulong pageBytes)
    {
        if ((vma.Flags & VmFlags.UffdWp) == 0 || vma.Mapping is not null || Find(mm, start) is not { } context)
            return;
        for (ulong va = start; va < end; va += pageBytes)
        {
            PteSlot slot = tables.Find(mm, va);
            if (!slot.Exists || tables.Read(slot) == 0)
                context.Unprotect(va);
        }
    }

    /// <summary>Hands on to a child what it inherits. Precondition: its mappings are there.</summary>
    public static void Fork(Mm parent, Mm child)
    {
        if (parent.Userfaults is null)
            return;
        foreach (UserfaultContext context in parent.Userfaults)
        {
            if (context.Fork(child) is not { } copy)
                continue;
            (child.Userfaults ??= []).Add(copy);
            foreach ((ulong start, ulong end) in copy.Ranges)
            {
                if (parent.Vmas.Tree.FindIntersection(start, end) is { } vma)
                    Mark(child, start, end, vma.Flags & Mask);
            }
        }
    }

    /// <summary>
    /// Gives what is mapped in a range these marks in place of others. ENOMEM: too many mappings, or no memory to split
    /// one; to take all marks from whole mappings needs none.
    /// </summary>
    /// <remarks>Linux: mm/userfaultfd.c: userfaultfd_clear_vma, v6.18.</remarks>
    public static Errno Mark(Mm mm, ulong start, ulong end, VmFlags marks)
    {
        for (ulong at = start; at < end;)
        {
            Vma? vma = mm.Vmas.Tree.FindIntersection(at, end);
            if (vma is null)
                break;
            at = Math.Max(at, vma.Start);
            ulong upTo = Math.Min(vma.End, end);
            Errno error = mm.Vmas.ModifyFlags(vma, at, upTo, (vma.Flags & ~Mask) | marks, out _,
                mayStayApart: marks == VmFlags.None);
            if (error != Errno.None)
                return error;
            at = upTo;
        }

        return Errno.None;
    }
}
