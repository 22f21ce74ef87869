using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Accounting;
using LinuxMem.Mm.Exec;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Mm.Userfault;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Fault;

/// <summary>Decides what a page fault is and hands it to the one that serves it.</summary>
/// <remarks>
/// Linux: mm/memory.c: handle_mm_fault, handle_pte_fault; arch/x86/mm/fault.c: do_user_addr_fault, v6.18.
/// </remarks>
public sealed class PageFaultHandler
{
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;
    private readonly AnonFault anon;
    private readonly WriteProtectFault writeProtect;
    private readonly FileFault file;
    private readonly SwapFault swap;
    private readonly SpecialFault special;
    private readonly StackGrowth stack;
    private readonly MappingInference inference;
    private readonly IMmObserver observer;
    private readonly PteFormat format;
    private readonly FaultQuestion question = new();

    /// <summary>A handler over one machine's memory.</summary>
    public PageFaultHandler(KernelMemory memory, PageMapper mapper, AnonVmas anonVmas, FilePages files,
        SharedObjects objects, SpaceLimits limits, IMmObserver observer)
    {
        this.memory = memory;
        this.mapper = mapper;
        anon = new AnonFault(memory, mapper, anonVmas);
        writeProtect = new WriteProtectFault(memory, mapper, anonVmas, files);
        file = new FileFault(memory, question, mapper, anonVmas, files);
        swap = new SwapFault(memory, question, mapper, anonVmas, writeProtect);
        special = new SpecialFault(memory, question, mapper, anonVmas, files);
        stack = new StackGrowth(memory, limits, anonVmas, observer);
        inference = new MappingInference(memory, objects, observer);
        this.observer = observer;
        format = memory.Geometry.Format;
    }

    /// <summary>What the last fault asked for, when it came to <see cref="FaultKind.NeedsPages"/>.</summary>
    public ref readonly PageLookup Lookup => ref question.Lookup;

    /// <summary>The page that the fault has waited for, if it goes on after that; else none.</summary>
    public Pfn InHand
    {
        set => swap.InHand = value;
    }

    /// <summary>
    /// Serves a fault at an address. Counts nothing but gauges; pgfault is the caller's, once per fault however often
    /// it is tried.
    /// </summary>
    /// <param name="mm">The address space.</param>
    /// <param name="address">The address accessed.</param>
    /// <param name="kind">The access.</param>
    /// <param name="at">Where and when.</param>
    /// <param name="pages">Answer to an earlier <see cref="FaultKind.NeedsPages"/>: frame numbers, 0 where the cache
    /// has no page; else empty.</param>
    /// <param name="cost">Takes in what was done.</param>
    public FaultOutcome Handle(Mm mm, ulong address, AccessKind kind, TrapPoint at, ReadOnlySpan<uint> pages,
        ref WorkCost cost)
    {
        Vma? vma = FindVma(mm, address, kind, ref cost);
        if (pages.IsEmpty && !memory.Locks.BeginFault(mm, vma, cost))
            return new FaultOutcome(FaultKind.WaitsForLock);
        FaultOutcome outcome = Handle(mm, vma, address, kind, at, pages, ref cost);
        if (outcome.Kind != FaultKind.NeedsPages)
            memory.Locks.EndFault(cost);
        return outcome;
    }

    private FaultOutcome Handle(Mm mm, Vma? vma, ulong address, AccessKind kind, TrapPoint at,
        ReadOnlySpan<uint> pages, ref WorkCost cost)
    {
        if (vma is null)
            return FaultOutcome.MapErr;
        if (!Allows(vma.Flags, kind))
            return FaultOutcome.AccErr;
        ulong va = address & ~memory.Geometry.PageOffsetMask;
        if ((vma.Flags & VmFlags.HugeTlb) != 0 && !memory.Huge.TryTake(mm, vma, va, kind == AccessKind.Write))
            return FaultOutcome.BusAdrErr;
        PteSlot slot = memory.Tables.FindOrAlloc(mm, va, at.Cpu, ref cost);
        if (!slot.Exists)
            return FaultOutcome.OutOfMemory;
        if (pages.IsEmpty)
            WaitForTableLock(mm, va, at, ref cost);
        ulong entry = memory.Tables.Read(slot);
        if (entry == mapper.GuardEntry)
            return FaultOutcome.MapErr;
        if (entry == mapper.PoisonEntry)
            return new FaultOutcome(FaultKind.HwPoison);
        var fault = new VmFault(mm, vma, va, kind, slot, entry, at);
        FaultOutcome outcome = Handle(fault, pages, ref cost);
        if (outcome.Kind != FaultKind.NeedsPages)
            memory.Locks.SetsEntry(mm, slot.Table.Value, cost);
        if (outcome.Kind is FaultKind.FileCow or FaultKind.CowCopy)
            observer.Copied(mm, va);
        return outcome;
    }

    private FaultOutcome Handle(in VmFault fault, ReadOnlySpan<uint> pages, ref WorkCost cost)
    {
        ulong entry = fault.Entry;
        Vma vma = fault.Vma;
        if (entry == 0 && vma.Name is not null && SpecialMappings.IsSpecial(vma.Name))
            return special.Handle(fault, pages, ref cost);
        if (entry == 0 && vma.Mapping is null && (vma.Flags & VmFlags.UffdMissing) != 0
            && UserfaultRanges.Outcome(fault, FaultKind.Userfault) is { } waits)
            return waits;
        bool isWatched = fault.IsWrite && (vma.Flags & VmFlags.UffdWp) != 0 && !mapper.IsWritable(entry);
        if (isWatched && UserfaultRanges.OfStore(fault) is { } told)
            return told;
        if (entry == 0)
            return vma.Mapping is null ? anon.Handle(fault, ref cost) : file.Handle(fault, pages, ref cost);
        if (format.IsSwap(entry))
            return swap.Handle(fault, pages, ref cost);
        if (fault.IsWrite && !mapper.IsWritable(entry))
            return writeProtect.Handle(fault, ref cost);
        return FixBits(fault);
    }

    /// <summary>
    /// Makes a mapped anonymous page the address space's own before it is pinned for reading; Spurious if it is, or if
    /// the page is of another kind.
    /// </summary>
    public FaultOutcome Unshare(Mm mm, ulong address, TrapPoint at, ref WorkCost cost)
    {
        ulong va = address & ~memory.Geometry.PageOffsetMask;
        PteSlot slot = memory.Tables.Find(mm, va);
        ulong entry = slot.Exists ? memory.Tables.Read(slot) : 0;
        if (!mapper.IsMapped(entry) || mm.Vmas.Tree.FindContaining(va) is not { } vma)
            return new FaultOutcome(FaultKind.Spurious);
        return writeProtect.Unshare(new VmFault(mm, vma, va, AccessKind.Read, slot, entry, at), ref cost);
    }

    /// <summary>Whether a VMA's rights allow an access. On x86 what may be written or executed may be read.</summary>
    /// <remarks>Linux: arch/x86/mm/fault.c: access_error, v6.18.</remarks>
    public static bool Allows(VmFlags flags, AccessKind kind) => kind switch
    {
        AccessKind.Write => (flags & VmFlags.Write) != 0,
        AccessKind.Execute => (flags & VmFlags.Exec) != 0,
        _ => (flags & (VmFlags.Read | VmFlags.Write | VmFlags.Exec)) != 0,
    };

    // Another task's change of this page, made a moment ago, is still on its way to some CPU: its maker holds the
    // page-table lock.
    private void WaitForTableLock(Mm mm, ulong va, TrapPoint at, ref WorkCost cost)
    {
        if (mm.Context.History.Count == 0)
            return;
        long settledNs = mm.Context.History.SettledNs(va >> memory.Geometry.PageShift, at.Cpu);
        cost.FixedNs += Math.Max(0, settledNs - at.NowNs);
    }

    private Vma? FindVma(Mm mm, ulong address, AccessKind kind, ref WorkCost cost)
    {
        if (address >= memory.Geometry.TaskSize)
            return null;
        Vma? vma = mm.Vmas.Tree.Find(address);
        if (vma is not null && vma.Start <= address)
            return vma;
        if (vma is not null && (vma.Flags & VmFlags.GrowsDown) != 0 && stack.Expand(mm, vma, address, ref cost))
            return vma;
        return mm.InferMappings ? inference.Map(mm, address, kind, ref cost) : null;
    }

    // The entry allows the access: only its accessed or dirty bit is missing, or another task was first.
    private FaultOutcome FixBits(in VmFault fault)
    {
        ulong wanted = fault.Entry | format.Accessed | (fault.IsWrite ? format.Dirty : 0);
        if (wanted == fault.Entry)
            return new FaultOutcome(FaultKind.Spurious);

        mapper.Set(fault.Mm, fault.Slot, fault.Va, wanted, fault.At);
        return new FaultOutcome(format.HardwareAccessedDirty ? FaultKind.Spurious : FaultKind.AccessedDirty);
    }
}
