using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Fault;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Syscalls;

/// <summary>
/// A system call that cannot be done at one go: it asks the page cache on its way, or waits. Its steps are an iterator
/// that yields each look-up and finds the answer in <see cref="Pages"/> when it goes on; when it has ended, the call
/// has its result.
/// </summary>
/// <remarks>
/// A step that yields <see cref="PageLookup.Wait"/> blocks the caller; whoever wakes it with
/// <see cref="TaskStruct.WakeToRetry"/> lets the steps go on. Nothing else is served between a look-up and its answer,
/// but anything may have happened after a wait.
/// </remarks>
public sealed class CallProgress
{
    /// <summary>What the call has cost so far.</summary>
    public WorkCost Cost;

    private uint[] answer = new uint[PageLookup.BatchPages];
    private int answered;

    /// <summary>A call that begins.</summary>
    public CallProgress(in SyscallContext call)
    {
        Task = call.Task;
        Request = call.Request;
        At = call.At;
    }

    /// <summary>The caller.</summary>
    public TaskStruct Task { get; }

    /// <summary>Its address space.</summary>
    public Mm Mm => Task.Mm;

    /// <summary>Number and arguments.</summary>
    public SyscallRequest Request { get; }

    /// <summary>What the pointers point at, or null.</summary>
    public SyscallOperands? Operands => Request.Operands;

    /// <summary>Where and when; later after a wait.</summary>
    public TrapPoint At { get; internal set; }

    /// <summary>The frames that the page cache answered with.</summary>
    public ReadOnlySpan<uint> Pages => answer.AsSpan(0, answered);

    /// <summary>The result.</summary>
    public SyscallResult Result { get; set; }

    /// <summary>What the caller does when the steps are done.</summary>
    public TrapAction Action { get; set; }

    /// <summary>With Block, or a wait: when it ends by itself; -1 if it does not.</summary>
    public long WakeAtNs { get; set; } = -1;

    /// <summary>The steps; null for a call that has none.</summary>
    public IEnumerator<PageLookup>? Steps { get; set; }

    /// <summary>
    /// Bytes that the last copy to or from user memory moved; fewer than asked for where an address was bad.
    /// </summary>
    public ulong Copied { get; set; }

    /// <summary>Bytes that the call has written to a file.</summary>
    public ulong Written { get; set; }

    /// <summary>What ended a read of a file early; None if nothing did.</summary>
    public Errno ReadError { get; set; }

    /// <summary>The frame that the last look for a user's page found; none if the access was refused.</summary>
    public Pfn Reached { get; set; }

    /// <summary>What came of the last fault that was taken for the call.</summary>
    public FaultOutcome LastFault { get; set; }

    /// <summary>Whether the wait is for memory: the caller tries again, or is killed.</summary>
    public bool IsOutOfMemory { get; set; }

    /// <summary>With a wait: somebody is to be killed for the block that was refused last.</summary>
    public bool WantsOomKill { get; set; }

    /// <summary>Whether the wait is for mmap_lock: a fault on the way is tried again.</summary>
    public bool WaitsForLock { get; set; }

    /// <summary>The frame whose I/O the wait is for; none if it is for something else.</summary>
    public Pfn WaitsFor { get; set; }

    /// <summary>With a wait: it is one for the disk, until <see cref="WakeAtNs"/>.</summary>
    public bool IsThrottled { get; set; }

    /// <summary>
    /// With a wait: the order of the block that compaction is to make, -1 for as much as can be; null if it is not
    /// that.
    /// </summary>
    public int? WaitsForOrder { get; set; }

    /// <summary>With a wait for a block: the caller is to reclaim once, rather than to have memory compacted.</summary>
    public bool ReclaimsForOrder { get; set; }

    /// <summary>With a wait: it is one for a frame to be taken out of use.</summary>
    public bool WaitsForOffline { get; set; }

    /// <summary>With a wait: it is one for a child.</summary>
    public bool WaitsForChild { get; set; }

    /// <summary>With a wait: it is one for a futex.</summary>
    public bool WaitsForFutex { get; set; }

    /// <summary>Whether a signal ended the wait: the call gives EINTR, or what it has done so far.</summary>
    public bool IsInterrupted { get; set; }

    /// <summary>
    /// Whether the call goes on to its end though its task was killed: it waits in D state, as truncation does.
    /// </summary>
    /// <remarks>Linux: mm/truncate.c: truncate_inode_pages_range takes folio_lock, not folio_lock_killable,
    /// v6.18.</remarks>
    public bool IsUninterruptible { get; set; }

    /// <summary>Whether faults that read a file count as minor ones: those of MAP_POPULATE and mlock.</summary>
    public bool RetriesCountMinor { get; set; }

    /// <summary>Whether a tracer makes the call: its faults are not the task's.</summary>
    public bool IsTracers { get; set; }

    /// <summary>The signal that the caller is to get of the call: SIGPIPE, SIGXFSZ; none else.</summary>
    public Signal Raises { get; set; }

    /// <summary>Ends the call with an error.</summary>
    public void Fail(Errno error) => Result = SyscallResult.Fail(error);

    /// <summary>Ends the call with a value.</summary>
    public void Return(long value) => Result = new SyscallResult(value);

    /// <summary>Takes an answer of the page cache.</summary>
    internal void Take(ReadOnlySpan<uint> pages)
    {
        if (pages.Length > answer.Length)
            answer = new uint[pages.Length];
        pages.CopyTo(answer);
        answered = pages.Length;
    }
}
