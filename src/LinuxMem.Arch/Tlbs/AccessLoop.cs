using LinuxMem.Abi;
using LinuxMem.Arch.Memory;
using LinuxMem.Arch.Paging;
using LinuxMem.Arch.Tlbs.Replacement;

namespace LinuxMem.Arch.Tlbs;

/// <summary>Carries out batches of accesses on a translation unit; made for the replacement policies of its first
/// level.</summary>
internal abstract class AccessLoop
{
    /// <summary>The loop for the given policies.</summary>
    public static AccessLoop Create(
        TranslationUnit unit, TlbSettings tlb, MmuCosts costs, PhysicalMemory ram, PagingGeometry geometry,
        ContentLog log)
    {
        var contents = new ContentWriter(log, ram.Contents, geometry.PageShift);
        MissLoop? misses = MissLoop.Fits(tlb, geometry)
            ? new MissLoop(unit, tlb, costs, ram, geometry, contents) : null;
        TlbReplacement code = tlb.L1Code.Replacement;
        return tlb.L1Data.Replacement switch
        {
            TlbReplacement.Lru => ForCode<LruReplacement>(unit, code, costs.HitNs, contents, misses),
            TlbReplacement.TreePlru => ForCode<TreePlruReplacement>(unit, code, costs.HitNs, contents, misses),
            TlbReplacement.Fifo => ForCode<FifoReplacement>(unit, code, costs.HitNs, contents, misses),
            TlbReplacement.Random => ForCode<RandomReplacement>(unit, code, costs.HitNs, contents, misses),
            _ => throw new ArgumentOutOfRangeException(nameof(tlb), tlb, "unknown replacement policy"),
        };
    }

    /// <summary>Carries a batch on; see <see cref="Mmu.Run"/>.</summary>
    public abstract MmuStop Run(
        AccessBatch batch, TaskAccesses task, ref long nowNs, long untilNs, out MmuFault fault);

    private static AccessLoop ForCode<TData>(
        TranslationUnit unit, TlbReplacement code, int hitNs, ContentWriter contents, MissLoop? misses)
        where TData : struct, ITlbReplacement<TData> =>
        code switch
        {
            TlbReplacement.Lru => new AccessLoop<TData, LruReplacement>(unit, hitNs, contents, misses),
            TlbReplacement.TreePlru => new AccessLoop<TData, TreePlruReplacement>(unit, hitNs, contents, misses),
            TlbReplacement.Fifo => new AccessLoop<TData, FifoReplacement>(unit, hitNs, contents, misses),
            TlbReplacement.Random => new AccessLoop<TData, RandomReplacement>(unit, hitNs, contents, misses),
            _ => throw new ArgumentOutOfRangeException(nameof(code), code, "unknown replacement policy"),
        };
}
