using LinuxMem.Abi;
using LinuxMem.Arch.Memory;
using LinuxMem.Arch.Tlbs.Replacement;

namespace LinuxMem.Arch.Tlbs;

/// <summary>Carries out batches of accesses on a translation unit; made for the replacement policies of its first
/// level.</summary>
internal abstract class AccessLoop
{
    /// <summary>The loop for the given policies.</summary>
    public static AccessLoop Create(
        TranslationUnit unit, TlbReplacement data, TlbReplacement code, int hitNs, ContentLog log,
        ContentMode contents) =>
        data switch
        {
            TlbReplacement.Lru => ForCode<LruReplacement>(unit, code, hitNs, log, contents),
            TlbReplacement.TreePlru => ForCode<TreePlruReplacement>(unit, code, hitNs, log, contents),
            TlbReplacement.Fifo => ForCode<FifoReplacement>(unit, code, hitNs, log, contents),
            TlbReplacement.Random => ForCode<RandomReplacement>(unit, code, hitNs, log, contents),
            _ => throw new ArgumentOutOfRangeException(nameof(data), data, "unknown replacement policy"),
        };

    /// <summary>Carries a batch on; see <see cref="Mmu.Run"/>.</summary>
    public abstract MmuStop Run(
        AccessBatch batch, TaskAccesses task, ref long nowNs, long untilNs, out MmuFault fault);

    private static AccessLoop ForCode<TData>(
        TranslationUnit unit, TlbReplacement code, int hitNs, ContentLog log, ContentMode contents)
        where TData : struct, ITlbReplacement<TData> =>
        code switch
        {
            TlbReplacement.Lru => new AccessLoop<TData, LruReplacement>(unit, hitNs, log, contents),
            TlbReplacement.TreePlru => new AccessLoop<TData, TreePlruReplacement>(unit, hitNs, log, contents),
            TlbReplacement.Fifo => new AccessLoop<TData, FifoReplacement>(unit, hitNs, log, contents),
            TlbReplacement.Random => new AccessLoop<TData, RandomReplacement>(unit, hitNs, log, contents),
            _ => throw new ArgumentOutOfRangeException(nameof(code), code, "unknown replacement policy"),
        };
}
