using LinuxMem.Actors.Kernel;
using LinuxMem.Arch.Memory;
using LinuxMem.Audit.Oracle;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Mm.Tlb;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Auditing;

/// <summary>
/// Tells the content oracle what programs were told and what they store and load; collects what it objects to.
/// </summary>
public sealed class OracleFeed : IMmObserver, IContentObserver
{
    private const int ObjectionsMax = 20;
    private readonly ContentOracle oracle;
    private readonly ContentSweep sweep;
    private readonly RaceWindows races;
    private readonly List<string> objections;
    private readonly int pageShift;
    private readonly ulong pageMask;
    private readonly List<Former> former = [];
    private readonly List<(ulong Start, ulong End, int ObjectId, ulong Offset)> shared = [];
    private readonly List<(int MmId, ulong Start, ulong End)> cut = [];

    /// <summary>An oracle for a machine; objections are added to the list.</summary>
    public OracleFeed(MachineSettings machine, List<string> objections)
    {
        pageShift = machine.Paging.PageShift;
        int unitShift = machine.Contents == ContentMode.Bytes ? 3 : pageShift;
        oracle = new ContentOracle(pageShift, unitShift);
        pageMask = machine.Paging.PageOffsetMask;
        sweep = new ContentSweep(oracle, unitShift);
        races = new RaceWindows(unitShift, machine.KernelCosts.IpiNs);
        this.objections = objections;
    }

    /// <summary>The moment that the kernel serves.</summary>
    public Func<long> NowNs { get; set; } = () => 0;

    /// <summary>Until a moment, CPUs may see pages of an address space as they were.</summary>
    public void Late(Mm.Mm mm, ulong firstVpn, ulong pages, long fromNs, long untilNs)
    {
        bool all = pages == InvalidateCommand.WholeAsid;
        ulong start = all ? 0 : firstVpn << pageShift;
        races.Late(mm.Id, start, all ? ulong.MaxValue : start + (pages << pageShift), fromNs, untilNs);
        for (int i = 0; i < former.Count; i++)
        {
            Former one = former[i];
            if (one.MmId == mm.Id && one.UntilNs > fromNs && one.UntilNs < untilNs)
                former[i] = one with { UntilNs = untilNs };
        }
    }

    /// <summary>Loads that were judged.</summary>
    public long LoadsJudged => oracle.LoadsJudged + sweep.Compared;

    /// <inheritdoc/>
    public void Mapped(Mm.Mm mm, ulong start, ulong end, AddressSpace? mapping, bool shared, ulong firstIndex)
    {
        Leave(mm, start, end);
        if (mapping is { IsShmem: false })
            oracle.MapFile(mm.Id, start, end, shared, mapping.Id, firstIndex);
        else
            oracle.Map(mm.Id, start, end, shared, mapping?.Id ?? 0, firstIndex);
    }

    /// <inheritdoc/>
    public void MayVanish(Mm.Mm mm, ulong start, ulong end, bool always)
    {
        races.MayVanish(mm, start, end, NowNs());
        oracle.Vanish(mm.Id, start, end, always);
    }

    /// <inheritdoc/>
    public void Unmapped(Mm.Mm mm, ulong start, ulong end)
    {
        Leave(mm, start, end);
        oracle.Unmap(mm.Id, start, end);
    }

    /// <inheritdoc/>
    public void Moved(Mm.Mm mm, ulong oldStart, ulong newStart, ulong length)
    {
        NoteFormer(mm, oldStart, oldStart + length);
        NoteFormer(mm, newStart, newStart + length);
        races.Moved(mm, oldStart, newStart, length, NowNs());
        oracle.Move(mm.Id, oldStart, newStart, length);
    }

    /// <inheritdoc/>
    public void Forked(Mm.Mm parent, Mm.Mm child)
    {
        races.Changed(parent, 0, ulong.MaxValue, NowNs(), child.Id);
        oracle.Fork(parent.Id, child.Id);
    }

    /// <inheritdoc/>
    public void Stored(Mm.Mm mm, ulong va, ulong value)
    {
        // The kernel's store comes when the flush that it has waited for is over; here both have one moment.
        long heldUntilNs = mm.Context.History.HeldUntilNs(va >> pageShift);
        if (heldUntilNs > NowNs())
            races.Held(mm.Id, va & ~pageMask, (va | pageMask) + 1, NowNs(), heldUntilNs);
        Stored(mm.Id, va, value, NowNs());
    }

    /// <inheritdoc/>
    public void StoresFromAfar(Mm.Mm mm, ulong start, ulong end) =>
        races.StoresFromAfar(mm.Id, start & ~pageMask, (end + pageMask) & ~pageMask, NowNs());

    /// <inheritdoc/>
    public void Copied(Mm.Mm mm, ulong va)
    {
        if (oracle.Copy(mm.Id, va))
            races.Copied(mm, va & ~pageMask, (va | pageMask) + 1, NowNs());
    }

    /// <inheritdoc/>
    public void ObjectStored(AddressSpace mapping, ulong offset, ulong value) =>
        oracle.StoreToObject(mapping.Id, !mapping.IsShmem, offset, value);

    /// <inheritdoc/>
    public bool JudgesReads => true;

    /// <inheritdoc/>
    public void ObjectLoaded(AddressSpace mapping, ulong offset, ulong value) =>
        Note(oracle.LoadFromObject(mapping.Id, offset, value));

    /// <summary>Compares all that is known with what the machine holds.</summary>
    public void Sweep(IContentReader reader)
    {
        if (objections.Count < ObjectionsMax)
            sweep.Run(new KnownOnly(reader, races), objections);
    }

    /// <inheritdoc/>
    public void ObjectCut(AddressSpace mapping, ulong first, ulong end, bool copiesToo, bool isHole = false)
    {
        oracle.ListMappings(mapping.Id, first, end, cut);
        foreach ((int mmId, ulong start, ulong stop) in cut)
            races.Cut(mmId, start, stop, NowNs());
        cut.Clear();
        oracle.Cut(mapping.Id, first, end, copiesToo, isHole && !mapping.IsShmem);
    }

    /// <inheritdoc/>
    public void Exited(Mm.Mm mm) => oracle.Exit(mm.Id);

    /// <inheritdoc/>
    public void Stored(int mmId, ulong va, ulong value, long atNs)
    {
        if (races.StoreIsKnown(mmId, va, atNs))
            Note(oracle.Store(mmId, va, value));
        else
            Doubt(mmId, va, atNs);
    }

    /// <inheritdoc/>
    public void Loaded(int mmId, ulong va, ulong value, long atNs)
    {
        if (!races.LoadIsKnown(mmId, va, atNs))
            return;
        Note(oracle.Load(mmId, va, value));
        if (oracle.HasVanished)
            races.Vanished(mmId, va & ~pageMask, (va | pageMask) + 1, atNs);
    }

    private void Leave(Mm.Mm mm, ulong start, ulong end)
    {
        NoteFormer(mm, start, end);
        races.Changed(mm, start, end, NowNs());
    }

    // What threads share with others they may store to a while longer.
    private void NoteFormer(Mm.Mm mm, ulong start, ulong end)
    {
        if (former.Count > 0)
            former.RemoveAll(one => one.UntilNs <= NowNs());
        if (mm.Users <= 1)
            return;
        shared.Clear();
        oracle.ListShared(mm.Id, start, end, shared);
        foreach ((ulong from, ulong to, int objectId, ulong offset) in shared)
            former.Add(new Former(mm.Id, from, to, objectId, offset, races.UntilNs(mm.Id, NowNs())));
    }

    private void Doubt(int mmId, ulong va, long atNs)
    {
        oracle.Doubt(mmId, va);
        foreach (Former one in former)
        {
            if (one.MmId == mmId && va >= one.Start && va < one.End && atNs < one.UntilNs)
                oracle.DoubtObject(one.ObjectId, one.Offset + (va - one.Start));
        }
    }

    private void Note(string? objection)
    {
        if (objection is not null && objections.Count < ObjectionsMax)
            objections.Add(objection);
    }

    private readonly record struct Former(
        int MmId, ulong Start, ulong End, int ObjectId, ulong Offset, long UntilNs);

    // What a race has decided is not promised.
    private sealed class KnownOnly(IContentReader reader, RaceWindows races) : IContentReader
    {
        public bool TryRead(int mmId, ulong va, out ulong value)
        {
            value = 0;
            return races.IsKnown(mmId, va) && reader.TryRead(mmId, va, out value);
        }

        public bool TryReadObject(int objectId, ulong offset, out ulong value) =>
            reader.TryReadObject(objectId, offset, out value);
    }
}

/// <summary>Listens to nothing: for runs without an oracle.</summary>
public sealed class NoObserver : IMmObserver
{
    /// <inheritdoc/>
    public void Mapped(Mm.Mm mm, ulong start, ulong end, AddressSpace? mapping, bool shared, ulong firstIndex)
    {
    }

    /// <inheritdoc/>
    public void MayVanish(Mm.Mm mm, ulong start, ulong end, bool always)
    {
    }

    /// <inheritdoc/>
    public void Unmapped(Mm.Mm mm, ulong start, ulong end)
    {
    }

    /// <inheritdoc/>
    public void Moved(Mm.Mm mm, ulong oldStart, ulong newStart, ulong length)
    {
    }

    /// <inheritdoc/>
    public void Forked(Mm.Mm parent, Mm.Mm child)
    {
    }

    /// <inheritdoc/>
    public void Stored(Mm.Mm mm, ulong va, ulong value)
    {
    }

    /// <inheritdoc/>
    public void Copied(Mm.Mm mm, ulong va)
    {
    }

    /// <inheritdoc/>
    public void ObjectStored(AddressSpace mapping, ulong offset, ulong value)
    {
    }

    /// <inheritdoc/>
    public bool JudgesReads => false;

    /// <inheritdoc/>
    public void ObjectLoaded(AddressSpace mapping, ulong offset, ulong value)
    {
    }

    /// <inheritdoc/>
    public void ObjectCut(AddressSpace mapping, ulong first, ulong end, bool copiesToo, bool isHole = false)
    {
    }

    /// <inheritdoc/>
    public void Exited(Mm.Mm mm)
    {
    }
}
