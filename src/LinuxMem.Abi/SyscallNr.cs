namespace LinuxMem.Abi;

/// <summary>System calls by their x86-64 numbers, which every profile uses.</summary>
/// <remarks>Linux: arch/x86/entry/syscalls/syscall_64.tbl, v6.18. A number without a member answers ENOSYS.</remarks>
public enum SyscallNr
{
    /// <summary>Map memory.</summary>
    Mmap = 9,
    /// <summary>Change protection.</summary>
    Mprotect = 10,
    /// <summary>Unmap memory.</summary>
    Munmap = 11,
    /// <summary>Move the end of the heap.</summary>
    Brk = 12,
    /// <summary>Give up the CPU to the next in the queue.</summary>
    SchedYield = 24,
    /// <summary>Move or resize a mapping.</summary>
    Mremap = 25,
    /// <summary>Advise about memory.</summary>
    Madvise = 28,
    /// <summary>Sleep; argument 0 is the time in nanoseconds.</summary>
    Nanosleep = 35,
    /// <summary>Process id (of the thread group).</summary>
    Getpid = 39,
    /// <summary>Create a task: CLONE_VM shares the address space.</summary>
    Clone = 56,
    /// <summary>Create a process with a copy-on-write copy.</summary>
    Fork = 57,
    /// <summary>Create a process that borrows the address space until it exits.</summary>
    Vfork = 58,
    /// <summary>Replace the process's image by that of another program.</summary>
    Execve = 59,
    /// <summary>End the calling task.</summary>
    Exit = 60,
    /// <summary>Wait for a child; argument 0 is the pid or -1.</summary>
    Wait4 = 61,
    /// <summary>Send a signal.</summary>
    Kill = 62,
    /// <summary>Process id of the parent; 1 where that has ended.</summary>
    Getppid = 110,
    /// <summary>Thread id.</summary>
    Gettid = 186,
    /// <summary>End the whole process.</summary>
    ExitGroup = 231,
    /// <summary>Get and set resource limits.</summary>
    Prlimit64 = 302,
}
