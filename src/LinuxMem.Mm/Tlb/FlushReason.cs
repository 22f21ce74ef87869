namespace LinuxMem.Mm.Tlb;

/// <summary>Why TLBs forget, as events tell it.</summary>
/// <remarks>Linux: include/linux/mm_types.h: enum tlb_flush_reason, v6.18.</remarks>
internal static class FlushReason
{
    /// <summary>Another CPU asked for it (TLB_REMOTE_SHOOTDOWN).</summary>
    public const int Remote = 1;

    /// <summary>The CPU's own task changed its page tables (TLB_LOCAL_MM_SHOOTDOWN).</summary>
    public const int LocalMm = 3;

    /// <summary>Other CPUs are interrupted (TLB_REMOTE_SEND_IPI).</summary>
    public const int SendIpi = 4;
}
