using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Fault;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Mm.Userfault;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation;

namespace LinuxMem.Mm.Uaccess;

/// <summary>Lets the kernel reach pages of user memory: through the page table, faulting like any access.</summary>
/// <remarks>
/// Linux: the exception tables of arch/x86/lib/copy_user_64.S with do_user_addr_fault, and mm/gup.c: faultin_page,
/// v6.18. Both count the fault for the caller of the system call. A refused access is no signal: the copy ends short.
/// </remarks>
public sealed class UserPages
{
    private const int TriesMax = 16;
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;
    private readonly PageFaultHandler faults;
    private readonly FaultCounts counts;
    private readonly PteFormat format;

    /// <summary>Over one machine's memory.</summary>
    public UserPages(KernelMemory memory, PageMapper mapper, PageFaultHandler faults, FaultCounts counts)
    {
        this.memory = memory;
        this.mapper = mapper;
        this.faults = faults;
        this.counts = counts;
        format = memory.Geometry.Format;
    }

    /// <summary>Whether [start, start + length) lies in the part of the address space that programs may use.</summary>
    /// <remarks>Linux: access_ok, v6.18.</remarks>
    public bool IsUserRange(ulong start, ulong length) =>
        length <= memory.Geometry.TaskSize && start <= memory.Geometry.TaskSize - length;

    /// <summary>
    /// The frame of an address whose page is mapped with the right for the access; sets the accessed and dirty bits as
    /// the access would. False if that takes a fault.
    /// </summary>
    public bool TryReach(Mm mm, ulong va, AccessKind kind, TrapPoint at, out Pfn pfn)
    {
        pfn = Pfn.None;
        if (va >= memory.Geometry.TaskSize)
            return false;
        PteSlot slot = memory.Tables.Find(mm, va);
        if (!slot.Exists)
            return false;
        ulong entry = memory.Tables.Read(slot);
        bool write = kind == AccessKind.Write;
        if ((entry & format.Present) == 0 || (write && !mapper.IsWritable(entry)))
            return false;
        pfn = mapper.PfnOf(entry);
        ulong wanted = entry | format.Accessed | (write ? format.Dirty : 0);
        if (wanted != entry)
            mapper.Set(mm, slot, va & ~memory.Geometry.PageOffsetMask, wanted, at);
        return true;
    }

    /// <summary>
    /// Makes an address accessible: <see cref="CallProgress.Reached"/> is its frame afterwards, or none where Linux
    /// would send a signal to a program. Memory that is out kills, and is waited for, or refuses the access.
    /// </summary>
    public IEnumerator<PageLookup> Reach(CallProgress call, Mm mm, ulong va, AccessKind kind,
        bool waitsForMemory = true)
    {
        bool hasRead = false;
        for (int tries = 0; !TryReach(mm, va, kind, call.At, out Pfn found); tries++)
        {
            KernelBug.Assert(tries < TriesMax, $"I41 violated: an access of the kernel to 0x{va:x} faults for ever");
            long failures = memory.InjectedFailures;
            memory.Locks.Sleeper = call.Task;
            FaultOutcome outcome = faults.Handle(mm, va, kind, call.At, [], ref call.Cost);
            memory.Locks.Sleeper = null;
            if (outcome.Kind == FaultKind.WaitsForLock)
            {
                tries = 0;
                call.WaitsForLock = true;
                yield return PageLookup.Wait;
                continue;
            }

            while (outcome.Kind == FaultKind.NeedsPages)
            {
                yield return faults.Lookup;
                outcome = faults.Handle(mm, va, kind, call.At, call.Pages, ref call.Cost);
            }

            call.LastFault = outcome;
            if (outcome.Kind == FaultKind.WaitsForPage)
            {
                hasRead |= outcome.IsMajor;
                tries = 0;
                call.WaitsFor = outcome.WaitFor;
                yield return PageLookup.Wait;
                continue;
            }

            if (outcome.Kind is FaultKind.Userfault or FaultKind.UserfaultMinor
                && UserfaultRanges.Find(mm, va) is { } supplier)
            {
                call.Reached = Pfn.None;
                if (supplier.UserModeOnly)
                    yield break;
                hasRead = true;
                tries = 0;
                supplier.Wait(call.Task, va, UserfaultWait.FlagsOf(outcome, kind));
                yield return PageLookup.Wait;
                continue;
            }

            // What fails on purpose is no shortage that one could wait out: the exception table has the copy end here.
            bool isShort = memory.InjectedFailures == failures;
            if (outcome.Kind == FaultKind.OutOfMemory && waitsForMemory && isShort)
            {
                tries = 0;
                memory.Held.Hold(outcome.WaitFor, call.Task);
                call.IsOutOfMemory = true;
                yield return PageLookup.Wait;
                continue;
            }

            Count(call, outcome, hasRead);
            hasRead = false;
            if (outcome.Signal == Signal.None && outcome.Kind != FaultKind.OutOfMemory)
                continue;
            call.Reached = Pfn.None;
            yield break;
        }

        TryReach(mm, va, kind, call.At, out Pfn pfn);
        call.Reached = pfn;
    }

    private void Count(CallProgress call, in FaultOutcome outcome, bool hasRead)
    {
        if (call.IsTracers)
            return;
        counts.Count(call.Task, outcome with
        {
            IsMajor = (outcome.IsMajor || outcome.IsReread || hasRead) && !call.RetriesCountMinor,
        });
    }

    /// <summary>
    /// Whether the kernel may take hold of pages there: not of a device's, nor of secret memory, nor to read what may
    /// only be written, though the processor could. Where nothing is mapped, the access will tell.
    /// </summary>
    /// <remarks>Linux: mm/gup.c: check_vma_flags, v6.18.</remarks>
    public static bool MayPin(Mm mm, ulong va, AccessKind kind) =>
        MayPin(mm, va, kind == AccessKind.Write ? VmFlags.Write : VmFlags.Read);

    /// <summary>
    /// As <see cref="MayPin(Mm, ulong, AccessKind)"/>, to read, for a call that looks into the page table first: of a
    /// page that is there it does not ask what the mapping allows.
    /// </summary>
    /// <remarks>Linux: mm/gup.c: gup_fast_pte_range, v6.18.</remarks>
    public bool MayPinFast(CallProgress call, ulong va) =>
        MayPin(call.Mm, va, TryReach(call.Mm, va, AccessKind.Read, call.At, out _) ? VmFlags.None : VmFlags.Read);

    private static bool MayPin(Mm mm, ulong va, VmFlags needed)
    {
        if (mm.Vmas.Tree.FindContaining(va) is not { } vma)
            return true;
        return (vma.Flags & (VmFlags.Io | VmFlags.PfnMap | needed)) == needed
            && vma.Mapping is not { Host.IsSecret: true };
    }

    /// <summary>
    /// What pinning a page that was reached does to it before others read it: a copy that is shared since a fork
    /// becomes the address space's own. <see cref="CallProgress.Reached"/> is none if memory is out.
    /// </summary>
    /// <remarks>Linux: mm/gup.c: gup_must_unshare (pin_user_pages_remote), v6.18.</remarks>
    public void PinForRead(CallProgress call, Mm mm, ulong va)
    {
        FaultOutcome outcome = faults.Unshare(mm, va, call.At, ref call.Cost);
        if (outcome.Kind == FaultKind.OutOfMemory)
            call.Reached = Pfn.None;
        else if (outcome.Kind != FaultKind.Spurious && !call.IsTracers)
            counts.Count(call.Task, outcome);
    }
}
