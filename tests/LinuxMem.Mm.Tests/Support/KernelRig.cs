using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Memory;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Block;
using LinuxMem.Mm.Fault;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Swap;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vfs;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.Support;

/// <summary>A kernel with a page cache beside it and a processor that is played by the test.</summary>
internal sealed class KernelRig : IDisposable
{
    public const ulong Arena = 0x1000_0000;
    private readonly List<int> ready = [];
    private readonly List<SwapAnswer> answers = [];
    private readonly SwapServer swap;
    private long nowNs = 1000;

    public KernelRig(PagingGeometry? geometry = null, ulong megabytes = 8, int cpus = 1, VmSettings? vm = null,
        ContentMode contents = ContentMode.Tags, IReadOnlyList<BlockDeviceSettings>? disks = null,
        IReadOnlyList<SwapAreaSettings>? swapAreas = null, KernelEra era = KernelEra.Linux6,
        string replacement = ReplacementNames.Default)
    {
        var settings = new MachineSettings
        {
            Kernel = era,
            Replacement = replacement,
            Cpus = cpus,
            Contents = contents,
            MemoryBytes = megabytes << 20,
            Paging = geometry ?? PagingGeometry.X86_64,
            Disks = disks ?? (swapAreas is null ? [] : [BlockDeviceSettings.Nvme with { Sectors = 1 << 22 }]),
            Swap = swapAreas ?? [],
            Vm = vm ?? new VmSettings { PcpHighPages = 0 },
        };
        swap = new SwapServer(settings.Swap);
        Kernel = new Kernel(settings, 1, new DeafObserver());
        Kernel.Memory.Coherence.GatherReady = (id, _) => ready.Add(id);
    }

    /// <summary>Settings under which more memory can be mapped than there is.</summary>
    public static VmSettings PromisesAll { get; } =
        new() { PcpHighPages = 0, OvercommitMemory = OvercommitMode.Always };

    public Kernel Kernel { get; }

    public PageCache Cache { get; } = new();

    public KernelMemory Memory => Kernel.Memory;

    public PagingGeometry Geometry => Memory.Geometry;

    public ulong Page => Geometry.PageBytes;

    /// <summary>Whether batches of unmapped frames are freed as soon as they may be.</summary>
    public bool FreesReady { get; set; } = true;

    public IReadOnlyList<int> Ready => ready;

    public long FreeFrames => Memory.Allocator.FreePagesTotal;

    public TaskStruct Start(ResourceLimits? limits = null, ImageSpec? image = null)
    {
        var cost = default(WorkCost);
        var program = new IdleProgram(image ?? ImageSpec.Empty);
        return Kernel.Start.Start(program, limits ?? ResourceLimits.Default, 0, false, At(0), ref cost)!;
    }

    /// <summary>Lets time pass.</summary>
    public void Pass(long ns) => nowNs += ns;

    public TrapPoint At(int cpu) => new(cpu, nowNs += 1000);

    public TrapOutcome Serve(in Trap trap)
    {
        TrapOutcome outcome = Kernel.Serve(trap, []);
        while (outcome.Action == TrapAction.NeedsPages)
        {
            TakeInserts();
            uint[] pages = new uint[Kernel.Lookup.Count];
            if (SwapOperations.AreaOf(Kernel.Lookup.Mapping) >= 0)
                FindInSwap(Kernel.Lookup, pages);
            else if (Kernel.Lookup.Present)
                Cache.Find(Kernel.Lookup.Mapping.Id, Kernel.Lookup.First, pages);
            else
                Cache.Lookup(Kernel.Lookup.Mapping.Id, Kernel.Lookup.First, pages);
            outcome = Kernel.Serve(trap, pages);
        }

        TakeInserts();
        FlushSwap();
        while (Kernel.Objects.Dead.Count > 0)
            DropPages(Kernel.TakeDead());
        FreeReady();
        return outcome;
    }

    public void FreeReady()
    {
        if (!FreesReady)
            return;
        foreach (int id in ready)
            Memory.FreeGather(Memory.Coherence.TakeParked(id));
        ready.Clear();
    }

    /// <summary>Lets the kernel do its steps, and lets frames go in between.</summary>
    public void Steps(int count)
    {
        for (int i = 0; i < count; i++)
        {
            for (var step = Kernel.Step(nowNs += 50_000); step.MoveNext();)
            {
                Memory.Swap.Exchange.Number++;
                swap.Answer(Memory.Swap.Exchange);
            }

            FreeReady();
            Kernel.SettleReclaim();
            CompleteIo();
            TakeInserts();
            FlushSwap();
        }
    }

    /// <summary>Lets compaction do its steps, and lets frames go in between.</summary>
    public void Compact(int steps)
    {
        for (int i = 0; i < steps && Kernel.Compactor.WantsStep; i++)
        {
            Kernel.Compactor.Step(nowNs += 50_000);
            TakeInserts();
            FreeReady();
        }
    }

    /// <summary>Accesses an address, waiting for memory and for swap as long as it takes. False if the task
    /// dies.</summary>
    public bool AccessWaiting(TaskStruct task, ulong va, AccessKind kind)
    {
        for (int tries = 0; tries < 200 && !task.GroupExiting; tries++)
        {
            if (task.State == TaskState.Runnable && Access(task, va, kind))
                return true;
            CompleteIo();
            Steps(1);
        }

        return false;
    }

    /// <summary>Carries out what was submitted to the disks.</summary>
    public void CompleteIo()
    {
        for (int device = 0; device < Kernel.Io.Devices; device++)
        {
            List<BlockIo> pending = Kernel.Io.Pending(device);
            foreach (BlockIo io in pending.ToArray())
                Kernel.Io.Complete(new BlockCompletion(io, nowNs));
            pending.Clear();
        }

        Kernel.SettleReclaim();
        FlushSwap();
    }

    public TrapOutcome Trap(TaskStruct task, SyscallRequest request, int cpu = 0) =>
        Serve(new Trap(TrapKind.Syscall, task, At(cpu), request: request));

    public SyscallResult Call(TaskStruct task, SyscallNr nr, ulong a0 = 0, ulong a1 = 0, ulong a2 = 0, ulong a3 = 0,
        ulong a4 = 0, ulong a5 = 0, string? file = null)
    {
        Trap(task, new SyscallRequest { Nr = nr, A0 = a0, A1 = a1, A2 = a2, A3 = a3, A4 = a4, A5 = a5, File = file });
        return task.Result;
    }

    /// <summary>Maps pages at a fixed address: writable private anonymous memory, if nothing is said.</summary>
    public ulong Map(TaskStruct task, ulong at, ulong pages, ProtFlags prot = ProtFlags.Read | ProtFlags.Write,
        MapFlags flags = MapFlags.Private | MapFlags.Anonymous, string? file = null)
    {
        MapFlags type = file is null ? flags : flags & ~MapFlags.Anonymous;
        SyscallResult result = Call(task, SyscallNr.Mmap, at, pages * Page, (ulong)prot,
            (ulong)(type | MapFlags.Fixed), ulong.MaxValue, 0, file);
        Assert.Equal((long)at, result.Value);
        return at;
    }

    public TaskStruct Fork(TaskStruct parent, CloneFlags flags = CloneFlags.None)
    {
        Trap(parent, new SyscallRequest
        {
            Nr = SyscallNr.Clone,
            A0 = (ulong)flags | (ulong)Signal.SigChld,
            Child = new IdleProgram(ImageSpec.Empty),
        });
        return Kernel.Woken[^1];
    }

    public TrapOutcome Exit(TaskStruct task, int cpu = 0) =>
        Trap(task, new SyscallRequest { Nr = SyscallNr.ExitGroup }, cpu);

    /// <summary>Serves one fault and says which kind it was.</summary>
    public FaultKind Fault(TaskStruct task, ulong va, AccessKind kind, int cpu = 0, bool nonCanonical = false)
    {
        long[] before = [.. Kernel.FaultKinds];
        Serve(new Trap(TrapKind.PageFault, task, At(cpu), va, kind, nonCanonical));
        for (int i = 0; i < before.Length; i++)
        {
            if (Kernel.FaultKinds[i] != before[i])
                return (FaultKind)i;
        }

        throw new InvalidOperationException("no fault was counted");
    }

    /// <summary>Accesses an address as a processor does: faults until it may. False if the task died of it.</summary>
    public bool Access(TaskStruct task, ulong va, AccessKind kind, int cpu = 0)
    {
        for (int i = 0; i < 5; i++)
        {
            PteSlot slot = Memory.Tables.Find(task.Mm, va);
            if (slot.Exists && Permits(slot, kind))
                return true;

            TrapOutcome outcome = Serve(new Trap(TrapKind.PageFault, task, At(cpu), va, kind));
            if (outcome.Action != TrapAction.Resume)
                return false;
        }

        throw new InvalidOperationException($"the access to 0x{va:x} faults for ever");
    }

    /// <summary>Accesses an address; what signal a handler got for it, if any.</summary>
    public SignalInfo AccessOrSignal(TaskStruct task, ulong va, AccessKind kind)
    {
        for (int i = 0; i < 5; i++)
        {
            PteSlot slot = Memory.Tables.Find(task.Mm, va);
            if (va < Geometry.TaskSize && slot.Exists && Permits(slot, kind))
                return default;
            bool nonCanonical = va + (1UL << 47) >= 1UL << 48;
            Serve(new Trap(TrapKind.PageFault, task, At(0), va, kind, nonCanonical));
            if (task.Signals.Delivered.Count == 0)
                continue;
            SignalInfo got = task.Signals.Delivered[0];
            task.Signals.Delivered.Clear();
            return got;
        }

        throw new InvalidOperationException($"the access to 0x{va:x} faults for ever");
    }

    /// <summary>Whether the page cache has a page.</summary>
    public bool IsCached(AddressSpace mapping, ulong index)
    {
        uint[] found = new uint[1];
        Cache.Lookup(mapping.Id, (uint)index, found);
        return found[0] != 0;
    }

    public void Store(TaskStruct task, ulong va, ulong value)
    {
        Assert.True(Access(task, va, AccessKind.Write), "the store is refused");
        Memory.Ram.WriteWord(FrameAt(task.Mm, va), 0, value);
    }

    public ulong Load(TaskStruct task, ulong va)
    {
        Assert.True(Access(task, va, AccessKind.Read), "the load is refused");
        return Memory.Ram.ReadWord(FrameAt(task.Mm, va), 0);
    }

    /// <summary>The leaf entry of an address; 0 where there is none.</summary>
    public ulong Entry(Mm mm, ulong va)
    {
        PteSlot slot = Memory.Tables.Find(mm, va);
        return slot.Exists ? Memory.Tables.Read(slot) : 0;
    }

    public Pfn FrameAt(Mm mm, ulong va) => new(Geometry.Format.PfnOf(Entry(mm, va)));

    /// <summary>Drops every page of the page cache that nothing maps any more.</summary>
    public void DropCaches()
    {
        foreach (AddressSpace file in Kernel.Objects.Files.Where(f => f.Host!.Kind != InodeKind.BlockDevice))
            DropPages(file);
    }

    public void Dispose() => Kernel.Dispose();

    private void FindInSwap(PageLookup lookup, uint[] pages)
    {
        if (lookup.Mapping == Memory.Swap.SlotRequests)
        {
            ExchangeSwap();
            Memory.Swap.Granted.Clear();
            Memory.Swap.Granted.AddRange(answers);
            return;
        }

        FlushSwap();
        Memory.Swap.AskFor(lookup);
        ExchangeSwap();
        for (int i = 0; i < pages.Length; i++)
            pages[i] = !answers[i].Page.IsNone ? answers[i].Page.Value : answers[i].Freed ? SwapFault.FreeSlot : 0;
    }

    private void FlushSwap()
    {
        while (Memory.Swap.HasSteps)
            ExchangeSwap();
    }

    private void ExchangeSwap()
    {
        Memory.Swap.Exchange.Number++;
        swap.Answer(Memory.Swap.Exchange);
        Memory.Swap.Take(answers);
    }

    // The processor's part: rights, and the accessed and dirty bits, which hardware sets and software is asked for.
    private bool Permits(PteSlot slot, AccessKind kind)
    {
        PteFormat format = Geometry.Format;
        ulong entry = Memory.Tables.Read(slot);
        ulong needed = format.Present | format.User | (kind == AccessKind.Write ? format.Write : 0);
        ulong keptBy = format.Accessed | (kind == AccessKind.Write ? format.Dirty : 0);
        if ((entry & needed) != needed || (kind == AccessKind.Execute && (entry & format.NoExec) != 0))
            return false;
        if (!format.HardwareAccessedDirty)
            return (entry & keptBy) == keptBy;
        Memory.Tables.Write(slot, entry | keptBy);
        return true;
    }

    private void TakeInserts()
    {
        foreach (PageInsert insert in Kernel.Inserts)
            Cache.Insert(insert);
        Kernel.Inserts.Clear();
    }

    private void DropPages(AddressSpace mapping)
    {
        var dropped = new List<Pfn>();
        Cache.Drop(mapping.Id, dropped);
        foreach (Pfn page in dropped)
            Memory.DropCached(page, 0);
    }
}
