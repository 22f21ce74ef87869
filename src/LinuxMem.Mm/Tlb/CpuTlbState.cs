using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Tlb;

/// <summary>
/// What the kernel knows of one CPU's TLB: which address spaces it holds under which ASID, and what it was told to
/// forget.
/// </summary>
/// <remarks>Linux: arch/x86/include/asm/tlbflush.h: struct tlb_state, v6.18.</remarks>
public sealed class CpuTlbState
{
    private readonly Mm?[] mmOfAsid;
    private readonly long[] lastUse;
    private readonly Mutant mutant;
    private long useClock;

    /// <summary>A CPU with an empty TLB.</summary>
    public CpuTlbState(int asidCount, Mutant mutant = default)
    {
        this.mutant = mutant;
        mmOfAsid = new Mm?[asidCount];
        lastUse = new long[asidCount];
        LocalGen = new long[asidCount];
    }

    /// <summary>Orders that are on their way, in order of giving; sent with the CPU's next grant.</summary>
    public List<InvalidateCommand> Pending { get; } = [];

    /// <summary>Orders that take effect at the CPU's next entry into the kernel.</summary>
    public List<InvalidateCommand> Deferred { get; } = [];

    /// <summary>Batches of frames that wait for this CPU's next entry into the kernel.</summary>
    public List<MmuGather> Waiting { get; } = [];

    /// <summary>By ASID: the change of its address space up to which the CPU has forgotten.</summary>
    public long[] LocalGen { get; }

    /// <summary>The address space that the CPU has loaded; null when idle since boot.</summary>
    public Mm? Loaded { get; set; }

    /// <summary>Whether a task is running on the CPU.</summary>
    public bool Busy { get; set; }

    /// <summary>Time that shootdowns have taken from its task and that the task has not paid yet.</summary>
    public long InterruptsNs { get; set; }

    /// <summary>Number of ASIDs.</summary>
    public int AsidCount => mmOfAsid.Length;

    /// <summary>The address space under an ASID.</summary>
    public Mm? MmOf(int asid) => mmOfAsid[asid];

    /// <summary>
    /// Notes that the CPU has carried an order out. An order on behalf of an ASID's former owner says nothing of the
    /// present one.
    /// </summary>
    public void CarriedOut(in InvalidateCommand command)
    {
        if (mmOfAsid[command.Asid]?.Id == command.MmId)
            LocalGen[command.Asid] = Math.Max(
                LocalGen[command.Asid], mutant == Mutant.M18 ? command.Gen + 1 : command.Gen);
    }

    /// <summary>
    /// Whether an order asks for what the CPU has done: it has kept up with that change, or the ASID is another's.
    /// </summary>
    /// <remarks>Linux: arch/x86/mm/tlb.c: flush_tlb_func compares generations, v6.18.</remarks>
    public bool HasKeptUpWith(in InvalidateCommand command) =>
        mmOfAsid[command.Asid]?.Id != command.MmId || LocalGen[command.Asid] >= command.Gen;

    /// <summary>
    /// Finds the ASID of an address space, or gives it one: a free one, else the one used longest ago, whose owner
    /// loses it.
    /// </summary>
    /// <param name="cpu">This CPU.</param>
    /// <param name="mm">The address space.</param>
    /// <param name="dirty">Whether the TLB may hold entries of a former owner under it, so that it must be flushed
    /// first.</param>
    public int Assign(int cpu, Mm mm, out bool dirty)
    {
        dirty = false;
        int asid = mm.AsidOnCpu[cpu];
        if (asid == Mm.NoAsid)
        {
            asid = FreeOrOldest();
            dirty = mmOfAsid[asid] is not null || HasOrders(Pending, asid) || HasOrders(Deferred, asid);
            if (mmOfAsid[asid] is { } evicted)
                evicted.AsidOnCpu[cpu] = Mm.NoAsid;
            mmOfAsid[asid] = mm;
            mm.AsidOnCpu[cpu] = (short)asid;
            LocalGen[asid] = dirty ? mm.TlbGen - 1 : mm.TlbGen;
        }

        lastUse[asid] = ++useClock;
        return asid;
    }

    /// <summary>Takes an address space's ASID away; its entries must be flushed by the caller.</summary>
    public void Release(int cpu, Mm mm)
    {
        int asid = mm.AsidOnCpu[cpu];
        mmOfAsid[asid] = null;
        lastUse[asid] = 0;
        mm.AsidOnCpu[cpu] = Mm.NoAsid;
        if (ReferenceEquals(Loaded, mm))
            Loaded = null;
    }

    private int FreeOrOldest()
    {
        int oldest = 0;
        for (int i = 0; i < mmOfAsid.Length; i++)
        {
            if (mmOfAsid[i] is null)
                return i;
            if (lastUse[i] < lastUse[oldest])
                oldest = i;
        }

        return oldest;
    }

    private static bool HasOrders(List<InvalidateCommand> orders, int asid)
    {
        foreach (InvalidateCommand order in orders)
        {
            if (order.Asid == asid)
                return true;
        }

        return false;
    }
}
