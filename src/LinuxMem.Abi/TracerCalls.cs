namespace LinuxMem.Abi;

/// <summary>
/// What a replay asks about the task that it replays, as a tracer would with ptrace and /proc: no calls of Linux.
/// </summary>
public static class TracerCalls
{
    /// <summary>Does nothing; as with every call, <see cref="SyscallOperands.Vmas"/> is filled. Returns 0.</summary>
    public const SyscallNr LookAtVmas = (SyscallNr)0x4c4d_0001;

    /// <summary>
    /// Touches memory as an instruction would; a signal that comes of it is returned, not delivered. Argument 0 is the
    /// address, argument 1 an <see cref="AccessKind"/>, <see cref="ForbiddenKind"/>, <see cref="AllowedKind"/> or
    /// <see cref="MissingKind"/>. Returns 0, or the
    /// <see cref="Signal"/> with its <see cref="SignalCode"/> from bit 16 up.
    /// </summary>
    public const SyscallNr Touch = (SyscallNr)0x4c4d_0002;

    /// <summary>
    /// For <see cref="Touch"/>: the kind of access that the mapping at the address forbids; a write if it forbids none,
    /// an instruction fetch where nothing is mapped.
    /// </summary>
    public const ulong ForbiddenKind = 99;

    /// <summary>
    /// For <see cref="Touch"/>: the kind of access that the mapping at the address allows, a read rather than others.
    /// </summary>
    public const ulong AllowedKind = 98;

    /// <summary>
    /// For <see cref="Touch"/>: the kind of access that the mapping at the address allows, an instruction fetch where
    /// nothing is mapped: what finds nothing but a guard.
    /// </summary>
    public const ulong MissingKind = 97;

    /// <summary>
    /// Reads memory as strace does with process_vm_readv before it lets a call begin whose buffer it shows: pages are
    /// faulted in as far as they may be read, and the faults are not the task's. Argument 0 is the address, argument 1
    /// the bytes. Returns 0.
    /// </summary>
    public const SyscallNr Read = (SyscallNr)0x4c4d_0003;

    /// <summary>
    /// Tells of a file of the world outside: <see cref="SyscallOperands.External"/> lies at
    /// <see cref="SyscallOperands.Path"/>, if nothing does; without it, that nothing lies there. Returns 0.
    /// </summary>
    public const SyscallNr TellName = (SyscallNr)0x4c4d_0004;
}

/// <summary>A mapping of an address space, as /proc/PID/maps shows it.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">Address behind the last.</param>
/// <param name="Prot">Rights.</param>
/// <param name="IsShared">Whether stores are shared.</param>
/// <param name="Offset">Offset in what is mapped, in bytes.</param>
/// <param name="Name">What is mapped; null for anonymous memory.</param>
public readonly record struct VmaFact(ulong Start, ulong End, ProtFlags Prot, bool IsShared, ulong Offset,
    string? Name);
