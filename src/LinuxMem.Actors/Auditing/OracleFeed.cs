using LinuxMem.Actors.Kernel;
using LinuxMem.Arch.Memory;
using LinuxMem.Audit.Oracle;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Auditing;

/// <summary>Tells the content oracle what programs were told and what they store and load; collects what it objects to.</summary>
public sealed class OracleFeed : IMmObserver, IContentObserver
{
    private const int ObjectionsMax = 20;
    private readonly ContentOracle oracle;
    private readonly List<string> objections;

    /// <summary>An oracle for a machine; objections are added to the list.</summary>
    public OracleFeed(MachineSettings machine, List<string> objections)
    {
        int pageShift = machine.Paging.PageShift;
        oracle = new ContentOracle(pageShift, machine.Contents == ContentMode.Bytes ? 3 : pageShift);
        this.objections = objections;
    }

    /// <summary>Loads that were judged.</summary>
    public long LoadsJudged => oracle.LoadsJudged;

    /// <inheritdoc/>
    public void Mapped(Mm.Mm mm, ulong start, ulong end, AddressSpace? mapping, bool shared, ulong firstIndex)
    {
        if (mapping is { IsShmem: false })
            oracle.MapFile(mm.Id, start, end, shared, mapping.Id, firstIndex);
        else
            oracle.Map(mm.Id, start, end, shared, mapping?.Id ?? 0, firstIndex);
    }

    /// <inheritdoc/>
    public void Unmapped(Mm.Mm mm, ulong start, ulong end) => oracle.Unmap(mm.Id, start, end);

    /// <inheritdoc/>
    public void Forked(Mm.Mm parent, Mm.Mm child) => oracle.Fork(parent.Id, child.Id);

    /// <inheritdoc/>
    public void Exited(Mm.Mm mm) => oracle.Exit(mm.Id);

    /// <inheritdoc/>
    public void Stored(int mmId, ulong va, ulong value) => Note(oracle.Store(mmId, va, value));

    /// <inheritdoc/>
    public void Loaded(int mmId, ulong va, ulong value) => Note(oracle.Load(mmId, va, value));

    private void Note(string? objection)
    {
        if (objection is not null && objections.Count < ObjectionsMax)
            objections.Add(objection);
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
    public void Unmapped(Mm.Mm mm, ulong start, ulong end)
    {
    }

    /// <inheritdoc/>
    public void Forked(Mm.Mm parent, Mm.Mm child)
    {
    }

    /// <inheritdoc/>
    public void Exited(Mm.Mm mm)
    {
    }
}
