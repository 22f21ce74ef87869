using System.Buffers.Binary;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Userfault;

/// <summary>
/// What a descriptor of userfaultfd stands for: ranges of one address space, and the tasks that wait for their pages.
/// </summary>
/// <remarks>Linux: fs/userfaultfd.c: struct userfaultfd_ctx, v6.18. No events are reported but page faults.</remarks>
public sealed class UserfaultContext
{
    /// <summary>UFFD_FEATURE_SIGBUS: a missing page is a SIGBUS, and nobody waits.</summary>
    public const ulong SigBusFeature = 1 << 7;

    /// <summary>UFFD_FEATURE_EVENT_FORK: what a child inherits is supplied too.</summary>
    public const ulong EventForkFeature = 1 << 1;

    /// <summary>UFFD_FEATURE_EXACT_ADDRESS: messages tell the address itself, not its page.</summary>
    public const ulong ExactAddressFeature = 1 << 11;

    /// <summary>UFFD_FEATURE_THREAD_ID: messages tell who waits.</summary>
    public const ulong ThreadIdFeature = 1 << 8;

    /// <summary>Bytes of a message (struct uffd_msg).</summary>
    public const int MessageBytes = 32;

    private const ulong WpUnpopulatedFeature = 1 << 13, WpAsyncFeature = 1 << 15;
    private const byte PageFaultEvent = 0x12;
    private readonly Pipe waits;
    private readonly List<(ulong Start, ulong End)> ranges = [];
    private readonly List<Waiter> waiters = [];
    private readonly HashSet<ulong> guarded = []; // addresses of pages; nobody goes through them in order
    private readonly List<TaskStruct> woken;
    private readonly ulong pageMask;

    /// <summary>One for an address space; who may go on is added to <paramref name="woken"/>.</summary>
    public UserfaultContext(Mm mm, bool userModeOnly, List<TaskStruct> woken, ulong pageMask)
    {
        Mm = mm;
        UserModeOnly = userModeOnly;
        this.woken = woken;
        this.pageMask = pageMask;
        waits = new Pipe(woken);
    }

    /// <summary>Whose memory.</summary>
    public Mm Mm { get; }

    /// <summary>Whether accesses of the kernel fail in place of waiting (UFFD_USER_MODE_ONLY).</summary>
    public bool UserModeOnly { get; }

    /// <summary>Whether UFFDIO_API was successful.</summary>
    public bool IsInitialized { get; private set; }

    /// <summary>What was asked for then.</summary>
    public ulong Features { get; private set; }

    /// <summary>Whether a message waits to be read.</summary>
    public bool HasMessages => waiters.Exists(static w => !w.IsTold);

    /// <summary>UFFDIO_API was successful; false if it was before.</summary>
    public bool Initialize(ulong features)
    {
        if (IsInitialized)
            return false;
        IsInitialized = true;
        Features = features;
        return true;
    }

    /// <summary>The same for a child's address space, if it was asked for; null if the child goes without.</summary>
    /// <remarks>
    /// Linux: fs/userfaultfd.c: dup_userfaultfd, v6.18. The event with the child's descriptor is not reported, so that
    /// only a child whose missing pages are signals has any use for it.
    /// </remarks>
    public UserfaultContext? Fork(Mm child)
    {
        const ulong needed = EventForkFeature | SigBusFeature;
        if ((Features & needed) != needed)
            return null;
        var copy = new UserfaultContext(child, UserModeOnly, woken, pageMask);
        copy.Initialize(Features);
        copy.ranges.AddRange(ranges);
        copy.guarded.UnionWith(guarded);
        return copy;
    }

    /// <summary>Whether an address is in a range that was registered.</summary>
    public bool Covers(ulong va) => ranges.Exists(range => range.Start <= va && va < range.End);

    /// <summary>
    /// Whether pages that are not there are write-protected too (UFFD_FEATURE_WP_UNPOPULATED); others are where a file
    /// stands behind them.
    /// </summary>
    public bool ProtectsUnpopulated => (Features & (WpUnpopulatedFeature | WpAsyncFeature)) != 0;

    /// <summary>Whether a store to a protected page ends its protection, and nobody is told.</summary>
    public bool IsAsync => (Features & WpAsyncFeature) != 0;

    /// <summary>Stores to a page are told of from here on.</summary>
    public void Protect(ulong page) => guarded.Add(page);

    /// <summary>Stores to a page are told of no more; false if they were not.</summary>
    public bool Unprotect(ulong page) => guarded.Remove(page);

    /// <summary>Whether stores to a page are told of.</summary>
    public bool IsProtected(ulong page) => guarded.Contains(page);

    /// <summary>Takes a range in.</summary>
    public void Add(ulong start, ulong end)
    {
        Remove(start, end);
        ranges.Add((start, end));
    }

    /// <summary>Lets go of a range.</summary>
    public void Remove(ulong start, ulong end)
    {
        guarded.RemoveWhere(page => page >= start && page < end);
        foreach ((ulong from, ulong to) in ranges.ToArray())
        {
            if (to <= start || end <= from)
                continue;
            ranges.Remove((from, to));
            if (from < start)
                ranges.Add((from, start));
            if (end < to)
                ranges.Add((end, to));
        }
    }

    /// <summary>A task waits for a page; who reads the descriptor is told.</summary>
    /// <param name="task">The task; once, however often it finds the page missing.</param>
    /// <param name="address">The address that was accessed.</param>
    /// <param name="flags">UFFD_PAGEFAULT_FLAG_*.</param>
    public void Wait(TaskStruct task, ulong address, ulong flags)
    {
        waiters.RemoveAll(w => w.Task == task);
        waiters.Add(new Waiter(task, address, flags));
        waits.Changed();
    }

    /// <summary>Who reads waits for a message.</summary>
    public void WaitForMessage(TaskStruct reader) => waits.Wait(reader);

    /// <summary>The next message, taken off; null if there is none.</summary>
    public byte[]? TakeMessage()
    {
        int at = waiters.FindIndex(static w => !w.IsTold);
        if (at < 0)
            return null;
        Waiter waiter = waiters[at];
        waiters[at] = waiter with { IsTold = true };
        byte[] message = new byte[MessageBytes];
        message[0] = PageFaultEvent;
        bool exact = (Features & ExactAddressFeature) != 0;
        BinaryPrimitives.WriteUInt64LittleEndian(message.AsSpan(8), waiter.Flags);
        BinaryPrimitives.WriteUInt64LittleEndian(
            message.AsSpan(16), exact ? waiter.Address : waiter.Address & ~pageMask);
        if ((Features & ThreadIdFeature) != 0)
            BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(24), waiter.Task.Tid);
        return message;
    }

    /// <summary>Who waits for a page of the range tries again.</summary>
    public void Wake(ulong start, ulong end)
    {
        foreach (Waiter waiter in waiters.ToArray())
        {
            if (waiter.Address < start || waiter.Address >= end)
                continue;
            waiters.Remove(waiter);
            TaskStruct task = waiter.Task;
            if (task.State != TaskState.WaitingForFile)
                continue;
            if (task.Suspended is not null)
            {
                task.WakeToRetry(woken);
                continue;
            }

            task.State = TaskState.Runnable;
            woken.Add(task);
        }
    }

    internal IReadOnlyList<(ulong Start, ulong End)> Ranges => ranges;

    /// <summary>The last descriptor is closed: the ranges are ordinary memory again.</summary>
    /// <remarks>Linux: fs/userfaultfd.c: userfaultfd_release, v6.18.</remarks>
    public void Close()
    {
        foreach ((ulong start, ulong end) in ranges)
            UserfaultRanges.Mark(Mm, start, end, VmFlags.None);
        ranges.Clear();
        Mm.Userfaults?.Remove(this);
        Wake(0, ulong.MaxValue);
    }

    private readonly record struct Waiter(TaskStruct Task, ulong Address, ulong Flags, bool IsTold = false);
}
