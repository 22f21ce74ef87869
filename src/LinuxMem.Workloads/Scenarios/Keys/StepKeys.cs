using System.Collections.Immutable;
using LinuxMem.Abi;
using LinuxMem.Workloads.Programs.Steps;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>The keys of steps: the table of everything that a program can do.</summary>
internal static class StepKeys
{
    private const int StepsMax = 100_000;

    private static readonly IReadOnlyList<(string, Errno)> Errors =
        [.. Enum.GetValues<Errno>().Where(e => e != Errno.None).Select(e => (e.ToString(), e))];

    private static readonly UnionShape<Step> AnyStep = new("a step",
    [
        new("mmap", "Maps anonymous memory, or a file.", MemoryStepKeys.Mmap()),
        new("munmap", "Unmaps a region or a part of it.", MemoryStepKeys.Munmap()),
        new("mprotect", "Changes the protection of a region or a part of it.", MemoryStepKeys.Mprotect()),
        new("madvise", "Advises the kernel about a region or a part of it.", MemoryStepKeys.Madvise()),
        new("mlock", "Locks a region or a part of it in memory.", LockStepKeys.Lock()),
        new("munlock", "Unlocks a region or a part of it.", LockStepKeys.Unlock()),
        new("mlockall", "Locks all memory of the process.", LockStepKeys.LockAll()),
        new("munlockall", "Unlocks all memory of the process.", TaskStepKeys.Bare(new LockAllStep(0))),
        new("brk", "Moves the end of the heap.", MemoryStepKeys.Brk()),
        new("syscall", "Makes a system call on memory or files, with any arguments.", SyscallStepKeys.Shape()),
        new("malloc", "Allocates as the C library does.", MallocStepKeys.Allocate(clears: false)),
        new("calloc", "Allocates as the C library does, and clears.", MallocStepKeys.Allocate(clears: true)),
        new("realloc", "Changes the size of what malloc or calloc gave.", MallocStepKeys.Realloc()),
        new("free", "Frees what malloc, calloc or realloc gave.", MallocStepKeys.Free()),
        new("open", "Opens a file.", FileStepKeys.Open()),
        new("read", "Reads a file.", FileStepKeys.Io(writes: false)),
        new("write", "Writes a file.", FileStepKeys.Io(writes: true)),
        new("fsync", "Waits until the disk has what was written to the file of this name.",
            FileStepKeys.Call(FileCall.Fsync)),
        new("forget", "Lets the clean pages of the file of this name go (POSIX_FADV_DONTNEED).",
            FileStepKeys.Call(FileCall.Forget)),
        new("close", "Closes the file of this name.", FileStepKeys.Call(FileCall.Close)),
        new("sync", "Waits until the disk has all that was written.", TaskStepKeys.Bare(new SyncStep())),
        new("dropCaches", "Lets the clean pages of all files go (vm.drop_caches).",
            TaskStepKeys.Bare(new WriteSysctlStep("/proc/sys/vm/drop_caches", 3))),
        new("compactMemory", "Brings free memory together as far as can be (vm.compact_memory).",
            TaskStepKeys.Bare(new WriteSysctlStep("/proc/sys/vm/compact_memory", 1))),
        new("swapon", "Takes a swap area into use.", SwapStepKeys.On()),
        new("swapoff", "Brings back what a swap area holds, and takes it out of use.", SwapStepKeys.Off()),
        new("kernelAlloc", "Has the kernel take blocks of frames for itself, as a driver does.",
            DriverStepKeys.Allocate()),
        new("kernelFree", "Has the kernel give back blocks that it took.", DriverStepKeys.Free()),
        new("access", "Accesses a region in a pattern.", AccessStepKeys.Access()),
        new("touch", "Accesses every page of a region once.", AccessStepKeys.Touch()),
        new("stack", "Uses the stack down to this depth.", AccessStepKeys.Stack()),
        new("segfault", "Accesses an address, mapped or not.", AccessStepKeys.Segfault()),
        new("loop", "Does steps again and again.", TaskStepKeys.Loop()),
        new("fork", "Starts child processes.", TaskStepKeys.Fork()),
        new("thread", "Starts threads.", TaskStepKeys.Thread()),
        new("exec", "Runs another program in place of this one.", TaskStepKeys.Exec()),
        new("wait", "Waits for children to end.", TaskStepKeys.Wait()),
        new("futexWait", "Waits on a word of memory, until a wake or for a time.", FutexStepKeys.Wait()),
        new("futexWake", "Wakes who waits on a word of memory.", FutexStepKeys.Wake()),
        new("futexLock", "Takes the lock of a word of memory, or waits for it (FUTEX_LOCK_PI).",
            FutexStepKeys.Lock()),
        new("futexUnlock", "Lets the lock of a word of memory go (FUTEX_UNLOCK_PI).", FutexStepKeys.Unlock()),
        new("sleep", "Sleeps for this time.", TaskStepKeys.Sleep()),
        new("yield", "Lets the next task run.", TaskStepKeys.Yield()),
        new("exit", "Ends the process with this exit code.", TaskStepKeys.Exit()),
    ]);

    /// <summary>A list of steps. Asked for late by what contains steps itself.</summary>
    public static Shape<ImmutableArray<Step>> Steps { get; } =
        new ListShape<Step>(new LocatedShape<Step>(new NamedShape<Step>("step", () => AnyStep)), StepsMax, "steps");

    /// <summary>The list of steps of a step.</summary>
    public static Key<ImmutableArray<Step>> Nested(string description) =>
        Key.Required("steps", new NamedShape<ImmutableArray<Step>>("steps", () => Steps), description);

    /// <summary>The error that a call is expected to answer.</summary>
    public static Key<Errno> Expect() => Key.Optional("expect", new ChoiceShape<Errno>(Errors), Errno.None,
        "The error that the call is to answer; left out, it is to succeed. Any other outcome is an error.");
}
