namespace LinuxMem.Abi;

/// <summary>A range of a process's memory, as readv and its kin name it.</summary>
/// <param name="Base">Its first address.</param>
/// <param name="Length">Bytes.</param>
public readonly record struct IoVec(ulong Base, ulong Length);

/// <summary>What stands behind a path or a descriptor that the simulated machine did not make itself.</summary>
public enum ExternalKind
{
    /// <summary>A regular file.</summary>
    Regular,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A socket, a terminal or another thing that can be read and written but not mapped.</summary>
    Stream,

    /// <summary>A character device of memory: /dev/zero.</summary>
    DevZero,

    /// <summary>A descriptor for other purposes: epoll, eventfd, a timer.</summary>
    Anonymous,

    /// <summary>A symbolic link.</summary>
    Symlink,

    /// <summary>Something of which nobody has told what it is.</summary>
    Unknown,
}

/// <summary>What the world outside tells of a file: a trace knows it, or a directory of the host.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="SizeBytes">Its length; of no meaning but for regular files.</param>
/// <param name="Bytes">Its contents; null where they are not known, which reads as zeros.</param>
/// <param name="OnTmpfs">Whether it lies on a tmpfs, whose pages are shared memory.</param>
public sealed record ExternalFile(ExternalKind Kind, ulong SizeBytes = 0, Func<ulong, Memory<byte>, int>? Bytes = null,
    bool OnTmpfs = false)
{
    /// <summary>Whether it lies on a hugetlbfs, whose pages are huge ones.</summary>
    public bool OnHugetlbfs { get; init; }

    /// <summary>Whether it has an x bit, without which not even root may execute it.</summary>
    public bool MayExecute { get; init; } = true;

    /// <summary>Whether its file system lets nothing be executed, as those of sockets, /proc and /sys do.</summary>
    public bool DeniesExec { get; init; }

    /// <summary>Its mode without the type; null where it is not known: then nothing is refused for it.</summary>
    public uint? Permissions { get; init; }

    /// <summary>The user whose it is.</summary>
    public uint Uid { get; init; }

    /// <summary>The group whose it is.</summary>
    public uint Gid { get; init; }

    /// <summary>Where a symbolic link leads.</summary>
    public string? Target { get; init; }

    /// <summary>Its path with links resolved, as /proc/PID/maps shows it; null if that is the path asked for.</summary>
    public string? RealPath { get; init; }
}

/// <summary>
/// What the pointers of a system call point at, for programs whose memory holds no such structures; and what the kernel
/// copied to and from the memory of the caller, for those who want to see it.
/// </summary>
/// <remarks>
/// The kernel touches the caller's memory at the addresses in the registers all the same: it faults pages in, and
/// answers EFAULT where it must. Only what it would have read there is here.
/// </remarks>
public sealed class SyscallOperands
{
    /// <summary>The path; for execve the program's.</summary>
    public string? Path { get; init; }

    /// <summary>The second path, of rename and its kin.</summary>
    public string? Path2 { get; init; }

    /// <summary>The caller's ranges: readv, writev, process_vm_readv and their kin.</summary>
    public IReadOnlyList<IoVec>? Vectors { get; init; }

    /// <summary>The other process's ranges.</summary>
    public IReadOnlyList<IoVec>? RemoteVectors { get; init; }

    /// <summary>Numbers of a structure, in the order of its fields: rlimit, clone_args, and so on.</summary>
    public IReadOnlyList<ulong>? Words { get; init; }

    /// <summary>Argument and environment strings of execve.</summary>
    public IReadOnlyList<string>? Arguments { get; init; }

    /// <summary>Environment of execve.</summary>
    public IReadOnlyList<string>? Environment { get; init; }

    /// <summary>
    /// What a read from outside the machine (<see cref="ExternalKind.Stream"/>) gives; null gives nothing (0).
    /// </summary>
    public ReadOnlyMemory<byte>? Incoming { get; init; }

    /// <summary>
    /// What a file is that open does not find in the machine; null: there is none, ENOENT (or O_CREAT makes it).
    /// </summary>
    public ExternalFile? External { get; init; }

    /// <summary>
    /// Finds files of the world outside by their paths, where one call needs several (execve: the program, its
    /// interpreters); null knows none. Must answer the same every time.
    /// </summary>
    public Func<string, ExternalFile?>? FindExternal { get; init; }

    /// <summary>
    /// The descriptor, shared memory id or other number that is to come out; null lets the kernel choose.
    /// </summary>
    public int? WantedId { get; init; }

    /// <summary>The second descriptor of pipe and socketpair.</summary>
    public int? WantedId2 { get; init; }

    /// <summary>
    /// Whether the addresses in the registers are not the caller's: the log shows what was read or written, but not
    /// where. Nothing of the caller's memory is touched then.
    /// </summary>
    public bool BuffersUnknown { get; init; }

    /// <summary>
    /// With <see cref="BuffersUnknown"/>: what the caller writes, from the start; what is not known of it is zeros.
    /// </summary>
    public ReadOnlyMemory<byte> Outgoing { get; init; }

    /// <summary>
    /// Whether a signal that the call sends is held back after all checks, as one that a tracer delivers later.
    /// </summary>
    public bool HoldsSignals { get; init; }

    /// <summary>Whether the kernel fills <see cref="Copied"/>.</summary>
    public bool WantsCopied { get; init; }

    /// <summary>
    /// The bytes that the call copied to or from the caller's memory, in order: what was written to a file or read from
    /// it, mincore's vector, getrusage's structure.
    /// </summary>
    public List<byte> Copied { get; } = [];

    /// <summary>
    /// Where to put the caller's mappings around <see cref="Near"/> as they are before the call; null: they are not
    /// asked for.
    /// </summary>
    public List<VmaFact>? Vmas { get; init; }

    /// <summary>The address that <see cref="Vmas"/> is about.</summary>
    public ulong Near { get; init; }
}
