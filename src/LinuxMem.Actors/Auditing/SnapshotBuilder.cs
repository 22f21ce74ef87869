using LinuxMem.Actors.Kernel;
using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Tlbs;
using LinuxMem.Audit.Snapshots;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Tlb;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Rounds;

namespace LinuxMem.Actors.Auditing;

/// <summary>
/// Takes snapshots of the machine for the audit: walks the structures and writes down what it finds. The only place
/// where the audit's types and the kernel's meet.
/// </summary>
public sealed class SnapshotBuilder
{
    private readonly EngineCounters counters;
    private int[] heldRefs = [];
    private readonly List<TlbEntryInfo> entries = [];
    private readonly PageTableReader tables = new();
    private readonly ReplacementSnapshot replacement = new();
    private readonly FileSnapshot files = new();
    private readonly StackHistory stacks = new();
    private readonly ProcessSnapshot processes = new();
    private Mm.Kernel kernel = null!;
    private CpuState[] cpus = [];
    private Conductor conductor = null!;
    private long baselineFree;
    private long managedAtBoot;
    private long previousNs;
    private long previousSteps;
    private long[] previousClocks = [];

    /// <summary>A builder that reports the engine's own counts along.</summary>
    public SnapshotBuilder(EngineCounters counters) => this.counters = counters;

    /// <summary>Notes the machine, and how much of it is free before its first process.</summary>
    public void Boot(Mm.Kernel kernel, CpuState[] cpus, Conductor conductor)
    {
        this.kernel = kernel;
        this.cpus = cpus;
        this.conductor = conductor;
        previousClocks = new long[cpus.Length];
        managedAtBoot = kernel.Memory.Allocator.ManagedPages;
        baselineFree = kernel.Memory.Allocator.FreePagesTotal;
        kernel.Memory.Allocator.VisitPerCpuPages((_, _, order, _, _) => baselineFree += order.Pages);
    }

    /// <summary>
    /// Fills all of a snapshot but its large sections with the machine as it is. Precondition: between two steps of the
    /// kernel, once at each.
    /// </summary>
    public void FillSections(MachineSnapshot into, List<PageInsert> cached, bool ending)
    {
        into.Clear();
        into.TotalFrames = kernel.Memory.Map.FrameCount;
        into.InitialFrames = kernel.Memory.Map.FrameCount;
        into.ManagedAtBoot = managedAtBoot;
        into.OfflineFrames = kernel.Memory.OfflinePages - kernel.MemoryHotplug.IsolatedPages;
        into.HardwareNoExec = kernel.Memory.Geometry.Format.NoExec != 0;
        FillEngine(into, ending);
        foreach (PageInsert page in cached)
        {
            ref CachePageRecord record = ref into.CachePages.Append();
            record.MappingId = page.MappingId;
            record.Index = page.Index;
            record.Pfn = page.Page.Value;
        }

        SwapSnapshot.Fill(kernel, into);
        FillCpus(into);
        FillSpaces(into);
        AllocatorSnapshot.Fill(kernel.Memory, cpus, into);
        AccountingSnapshot.Fill(kernel, into);
        GroupSnapshot.Fill(kernel, into);
        processes.Fill(kernel, into, ending);
        replacement.Fill(kernel.Memory.Lru!, into);
    }

    /// <summary>Adds the large sections: TLBs, page tables and frames. Precondition: the others are filled.</summary>
    public void FillBulk(MachineSnapshot into)
    {
        for (int cpu = 0; cpu < cpus.Length; cpu++)
            FillTlb(into, cpu);
        foreach (Mm.Mm mm in kernel.Lifecycle.Live)
            tables.Read(kernel.Memory, mm, into);
        FillFrames(into);
        files.Fill(kernel, into);
    }

    /// <summary>Fills a whole snapshot; see <see cref="FillSections"/>.</summary>
    public void Fill(MachineSnapshot into, List<PageInsert> cached, bool ending)
    {
        FillSections(into, cached, ending);
        FillBulk(into);
    }

    private void FillEngine(MachineSnapshot into, bool ending)
    {
        ref EngineRecord engine = ref into.Engine;
        engine.VirtualNs = conductor.ServedNs;
        engine.PreviousVirtualNs = previousNs;
        engine.EventOrdinal = counters.Steps;
        engine.PreviousEventOrdinal = previousSteps;
        engine.Quiescent = ending;
        engine.RequestsIssued = counters.TrapsBegun;
        engine.RequestsCompleted = counters.TrapsServed;
        engine.AllProcessesGone = ending && kernel.Tasks.LiveTasks == 0;
        engine.BaselineFreeFrames = baselineFree - kernel.Memory.PoisonedPages - kernel.Memory.OfflinePages;
        engine.PoisonedFrames = kernel.Memory.PoisonedPages;
        previousNs = engine.VirtualNs;
        previousSteps = engine.EventOrdinal;
        long overtaken = 0;
        foreach (CpuState state in cpus)
            overtaken += state.Reports.Overtaken + state.Slot.GrantsOvertaken;
        into.Channels.Add(new ChannelRecord
        {
            Name = "kernel-cpus",
            Sent = counters.GrantsSent,
            Delivered = counters.ReportsDelivered,
            OutOfOrder = overtaken,
        });
        into.Channels.Add(new ChannelRecord
        {
            Name = "kernel-page-cache",
            Sent = counters.QuestionsSent,
            Delivered = counters.AnswersDelivered,
            OutOfOrder = counters.Answers.Overtaken + counters.QuestionsOvertaken,
        });
        if (counters.SwapExchanges > 0)
        {
            into.Channels.Add(new ChannelRecord
            {
                Name = "kernel-swap",
                Sent = counters.SwapExchanges,
                Delivered = counters.SwapAnswers,
                OutOfOrder = counters.SwapOvertaken,
            });
        }

        if (kernel.Io.Devices == 0)
            return;
        into.Channels.Add(new ChannelRecord
        {
            Name = "kernel-disks",
            Sent = counters.DeviceExchanges,
            Delivered = counters.DeviceAnswers,
            OutOfOrder = counters.DevicesOvertaken,
        });
    }

    private void FillCpus(MachineSnapshot into)
    {
        TlbCoherence coherence = kernel.Memory.Coherence;
        for (int cpu = 0; cpu < cpus.Length; cpu++)
        {
            CpuTlbState state = coherence[cpu];
            long clockNs = conductor.ClockOf(cpu);
            into.Cpus.Add(new CpuRecord
            {
                Cpu = cpu,
                CurrentMmId = state.Loaded?.Id ?? 0,
                ClockNs = clockNs,
                PreviousClockNs = previousClocks[cpu],
            });
            previousClocks[cpu] = clockNs;
            FillAsids(into, cpu, state);
        }

        foreach (MmuGather gather in coherence.Parked)
        {
            foreach (Pfn pfn in gather.Frames)
                Park(into, gather, pfn);
            foreach (Pfn table in gather.Tables)
                Park(into, gather, table);
        }

        foreach ((uint pfn, int references) in kernel.Memory.Lent.References)
        {
            for (int i = 0; i < references; i++)
                into.Lent.Add(new LentFrameRecord { Pfn = pfn });
        }
    }

    private void FillTlb(MachineSnapshot into, int cpu)
    {
        entries.Clear();
        Mmu mmu = cpus[cpu].Slot.Mmu;
        mmu.ExportEntries(entries);
        foreach (TlbEntryInfo entry in entries)
        {
            into.Tlb.Add(new TlbRecord
            {
                Cpu = cpu,
                Asid = entry.Asid,
                Vpn = entry.Vpn,
                Pfn = entry.Pfn,
                Level = (Audit.Snapshots.TlbLevel)entry.Level,
                Write = entry.Write,
                Exec = entry.Exec,
                // The kernel is yet to hear of a store that is logged.
                Dirty = entry.Dirty && !mmu.Bits.HasStoreTo(entry.Pfn),
            });
        }
    }

    private static void FillAsids(MachineSnapshot into, int cpu, CpuTlbState state)
    {
        for (int asid = 0; asid < state.AsidCount; asid++)
        {
            if (state.MmOf(asid) is { } mm)
                into.Asids.Add(new AsidRecord
                {
                    Cpu = cpu,
                    Asid = asid,
                    MmId = mm.Id,
                    LocalGen = (ulong)state.LocalGen[asid]
                });
        }

        FillPending(into, cpu, state, state.Pending);
        FillPending(into, cpu, state, state.Deferred);
    }

    // An ASID whose address space is gone still stands for it until the CPU has flushed it.
    private static void FillPending(MachineSnapshot into, int cpu, CpuTlbState state, List<InvalidateCommand> commands)
    {
        foreach (InvalidateCommand command in commands)
        {
            if (command.IsCopy)
                continue;
            Mm.Mm? owner = state.MmOf(command.Asid);
            if (owner is null && !HasRow(into, cpu, command.Asid))
            {
                into.Asids.Add(new AsidRecord
                {
                    Cpu = cpu,
                    Asid = command.Asid,
                    MmId = command.MmId,
                    LocalGen = (ulong)command.Gen - 1,
                    IsReleased = true,
                });
            }

            into.Pending.Add(new PendingInvalidationRecord
            {
                Cpu = cpu,
                Asid = command.Asid,
                MmId = owner?.Id ?? command.MmId,
                FirstVpn = command.FirstVpn,
                PageCount = command.PageCount,
                Gen = (ulong)command.Gen,
                ArrivalNs = command.AtNs,
            });
        }
    }

    private static bool HasRow(MachineSnapshot into, int cpu, int asid)
    {
        foreach (ref AsidRecord row in into.Asids.Items)
        {
            if (row.Cpu == cpu && row.Asid == asid)
                return true;
        }

        return false;
    }

    private static void Park(MachineSnapshot into, MmuGather gather, Pfn pfn)
    {
        into.Parked.Add(new ParkedFrameRecord { Pfn = pfn.Value, MmId = gather.MmId, Gen = (ulong)gather.TlbGen });
    }

    private void FillSpaces(MachineSnapshot into)
    {
        stacks.Begin();
        foreach (Mm.Mm mm in kernel.Lifecycle.Live)
        {
            into.Mms.Add(new MmRecord
            {
                MmId = mm.Id,
                RootPfn = mm.Context.Root.Value,
                PageShift = kernel.Memory.Geometry.PageShift,
                Lowest = mm.Vmas.Tree.Lowest,
                StackGrownTo = mm.StackGrownTo,
                TaskSize = kernel.Memory.Geometry.TaskSize,
                Users = mm.Users,
                MapCountCounter = mm.Vmas.Tree.Count,
                TotalVmPages = (long)mm.Vmas.TotalVmPages,
                LockedVmPages = (long)mm.Vmas.LockedVmPages,
                DataVmPages = (long)mm.Vmas.DataVmPages,
                ExecVmPages = (long)mm.Vmas.ExecVmPages,
                StackVmPages = (long)mm.Vmas.StackVmPages,
                RssAnon = mm.RssAnon,
                RssFile = mm.RssFile,
                RssShmem = mm.RssShmem,
                SwapEntries = mm.SwapEntries,
                PageTablePagesCounter = mm.PageTablePages - 1,
                TlbGen = (ulong)mm.TlbGen,
            });
            for (Vma? vma = mm.Vmas.Tree.First; vma is not null; vma = mm.Vmas.Tree.Next(vma))
            {
                ref VmaRecord record = ref into.Vmas.Append();
                Vma? below = mm.Vmas.Tree.Prev(vma);
                record = RecordOf(mm, vma);
                record.IsApartBelow = below is not null
                    && (!ReferenceEquals(below.File, vma.File) || below.Policy != vma.Policy);
                stacks.Add(vma, below, ref record);
            }
        }
    }

    private static VmaRecord RecordOf(Mm.Mm mm, Vma vma) => new()
    {
        MmId = mm.Id,
        Start = vma.Start,
        End = vma.End,
        PgOff = vma.PgOff,
        MappingId = vma.Mapping?.Id ?? vma.Special?.Id ?? 0,
        Flags = (VmaFlags)vma.Flags | (vma.LeftUnmerged || vma.Next is { LeftUnmerged: true }
            ? VmaFlags.Special : VmaFlags.None),
        AnonVmaId = vma.AnonVma?.Id ?? 0,
        ForkedAnonVma = vma.AnonVma?.Parent is not null,
        Name = vma.Name,
    };

    private void FillFrames(MachineSnapshot into)
    {
        MemMap map = kernel.Memory.Map;
        CountHeld(into);
        uint inside = 0;
        for (uint pfn = 0; pfn < map.FrameCount; pfn++)
        {
            ref PageFrame frame = ref map[new Pfn(pfn)];
            if (pfn < inside && frame.Place == Mm.MemMaps.FramePlace.Untouched)
                continue;
            ref FrameRecord record = ref into.Frames.Append();
            record.Pfn = pfn;
            record.Place = (Audit.Snapshots.FramePlace)frame.Place;
            record.Order = frame.Order;
            record.Flags = (FrameFlags)frame.Flags;
            record.RefCount = frame.RefCount;
            record.MapCount = frame.MapCount;
            record.MlockCount = (int)frame.MlockCount;
            record.Owner = frame.Owner;
            record.Index = frame.Index;
            record.HasIo = kernel.Io.IsUnderWay(new Pfn(pfn));
            record.RmapCount = frame.MapCount > 0 ? kernel.Rmap.Count(new Pfn(pfn)) : 0;
            record.ExtraRefs = heldRefs[pfn] + OwnRefs(frame.Place, frame.RefCount, frame.Order);
            if (frame.Place == Mm.MemMaps.FramePlace.BuddyHead)
                inside = Math.Max(inside, pfn + (1u << frame.Order));
        }
    }

    /// <summary>
    /// The references that a frame has by being what it is: a page table is held by the table above it, a reserved or
    /// kernel frame by the kernel (of a block of several, the first).
    /// </summary>
    internal static int OwnRefs(Mm.MemMaps.FramePlace place, int refCount, byte order) => place switch
    {
        Mm.MemMaps.FramePlace.Kernel when order == PageFrame.TailOrder => 0,
        Mm.MemMaps.FramePlace.PageTable or Mm.MemMaps.FramePlace.Kernel => 1,
        Mm.MemMaps.FramePlace.Reserved => refCount,
        _ => 0,
    };

    private void CountHeld(MachineSnapshot into)
    {
        if (heldRefs.Length == 0)
            heldRefs = new int[kernel.Memory.Map.FrameCount];
        else
            Array.Clear(heldRefs);
        foreach (ref CachePageRecord page in into.CachePages.Items)
            heldRefs[page.Pfn]++;
        foreach (ref ParkedFrameRecord parked in into.Parked.Items)
            heldRefs[parked.Pfn]++;
        foreach (ref LentFrameRecord lent in into.Lent.Items)
            heldRefs[lent.Pfn]++;
        foreach (uint pfn in kernel.Io.Frames)
            heldRefs[pfn]++;
        foreach (ref SwapSlotRecord slot in into.SwapSlots.Items)
            heldRefs[slot.Pfn] += slot.Pfn != 0 ? 1 : 0;
    }
}
