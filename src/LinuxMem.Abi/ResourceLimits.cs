namespace LinuxMem.Abi;

/// <summary>
/// A process's resource limits that memory management looks at; <see cref="ulong.MaxValue"/> is RLIM_INFINITY.
/// </summary>
/// <remarks>Linux: include/uapi/asm-generic/resource.h, v6.18. Soft limits; bytes.</remarks>
/// <param name="StackBytes">RLIMIT_STACK: the most a stack may grow to.</param>
/// <param name="DataBytes">RLIMIT_DATA: private writable memory.</param>
/// <param name="AddressSpaceBytes">RLIMIT_AS: the whole address space.</param>
/// <param name="MemlockBytes">RLIMIT_MEMLOCK: locked memory.</param>
public sealed record ResourceLimits(
    ulong StackBytes = 8UL << 20,
    ulong DataBytes = ulong.MaxValue,
    ulong AddressSpaceBytes = ulong.MaxValue,
    ulong MemlockBytes = 8UL << 20)
{
    /// <summary>
    /// Soft and hard limits by resource number, which come before the others: a trace shows what its machine had.
    /// </summary>
    public IReadOnlyList<(int Resource, ulong Soft, ulong Hard)> Exact { get; init; } = [];

    /// <summary>The limits of a usual Linux login.</summary>
    public static ResourceLimits Default { get; } = new();
}
