namespace LinuxMem.Mm.Tasks;

/// <summary>The resources that have a limit, by their x86-64 numbers.</summary>
/// <remarks>Linux: include/uapi/asm-generic/resource.h: RLIMIT_*, v6.18.</remarks>
public enum Rlimit
{
    /// <summary>CPU time, in seconds.</summary>
    Cpu = 0,

    /// <summary>Largest file, in bytes.</summary>
    FileSize = 1,

    /// <summary>Private writable memory, in bytes.</summary>
    Data = 2,

    /// <summary>Stack, in bytes.</summary>
    Stack = 3,

    /// <summary>Core file, in bytes.</summary>
    Core = 4,

    /// <summary>Resident set, in bytes; Linux keeps it and does not look at it.</summary>
    Rss = 5,

    /// <summary>Processes of the user.</summary>
    Processes = 6,

    /// <summary>Open files.</summary>
    OpenFiles = 7,

    /// <summary>Locked memory, in bytes.</summary>
    Memlock = 8,

    /// <summary>The address space, in bytes.</summary>
    AddressSpace = 9,

    /// <summary>File locks.</summary>
    Locks = 10,

    /// <summary>Signals that wait.</summary>
    PendingSignals = 11,

    /// <summary>Bytes in POSIX message queues.</summary>
    MessageQueues = 12,

    /// <summary>Nice value, from 20 down.</summary>
    Nice = 13,

    /// <summary>Real-time priority.</summary>
    RealTimePriority = 14,

    /// <summary>Real-time CPU time without a pause, in microseconds.</summary>
    RealTime = 15,
}
