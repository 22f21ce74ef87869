namespace LinuxMem.Abi;

/// <summary>
/// What a program has a driver do for it: the kernel takes blocks of frames for itself and gives them back. No calls of
/// Linux; a real driver does it in its open, ioctl or close.
/// </summary>
public static class DriverCalls
{
    /// <summary>
    /// Takes argument 1 blocks of 2^argument 0 frames with the flags of argument 2 (a <see cref="DriverGfp"/>), and
    /// keeps them under the name in <see cref="SyscallRequest.File"/>. Returns how many; ENOMEM if one was not to be
    /// had (those before it are kept); EINVAL for an order above the
    /// largest.
    /// </summary>
    public const SyscallNr Allocate = (SyscallNr)0x4c4d_0010;

    /// <summary>
    /// Gives back every argument 0-th of the blocks under the name in <see cref="SyscallRequest.File"/>, the first of
    /// all included. Returns how many; ENOENT if there is nothing of that name.
    /// </summary>
    public const SyscallNr Free = (SyscallNr)0x4c4d_0011;
}

/// <summary>What a driver allocates with.</summary>
public enum DriverGfp
{
    /// <summary>It can wait for reclaim and compaction (GFP_KERNEL).</summary>
    Kernel,

    /// <summary>It cannot (GFP_ATOMIC).</summary>
    Atomic,

    /// <summary>It can wait, and cannot do without it (GFP_KERNEL | __GFP_NOFAIL); order 3 at most.</summary>
    NoFail,
}
