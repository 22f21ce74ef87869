using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Vfs;

/// <summary>A pipe: a number of pages of bytes between those who write and those who read.</summary>
/// <remarks>
/// Linux: fs/pipe.c: struct pipe_inode_info, v6.18. A write goes to a page of its own unless it fits behind the last
/// one: so 16 writes of any length up to a page may fill a pipe of 16.
/// </remarks>
public sealed class Pipe
{
    /// <summary>Pages that a new one may hold (PIPE_DEF_BUFFERS).</summary>
    public const int DefaultBuffers = 16;

    private readonly List<PipeBuffer> buffers = [];
    private readonly List<TaskStruct> waiting = [];
    private readonly List<TaskStruct> woken;

    /// <summary>A pipe whose waiters are added to <paramref name="woken"/> when they may go on.</summary>
    public Pipe(List<TaskStruct> woken) => this.woken = woken;

    /// <summary>Pages that it may hold (max_usage); F_SETPIPE_SZ changes it.</summary>
    public int Capacity { get; set; } = DefaultBuffers;

    /// <summary>Open files that read.</summary>
    public int Readers { get; private set; }

    /// <summary>Open files that write.</summary>
    public int Writers { get; private set; }

    /// <summary>What was written and not yet read, oldest first.</summary>
    public IReadOnlyList<PipeBuffer> Buffers => buffers;

    /// <summary>Bytes in it.</summary>
    public long Bytes => buffers.Sum(b => (long)b.Length);

    /// <summary>Whether no further page fits.</summary>
    public bool IsFull => buffers.Count >= Capacity;

    /// <summary>Adds a page with bytes.</summary>
    public void Add(PipeBuffer buffer) => buffers.Add(buffer);

    /// <summary>Takes bytes of the oldest page away, and the page with its last.</summary>
    public void Consume(int count)
    {
        PipeBuffer first = buffers[0];
        first.Consume(count);
        if (first.Length > 0)
            return;
        buffers.RemoveAt(0);
        first.Release();
    }

    /// <summary>Takes the oldest page out as it is: splice moves it on to another pipe.</summary>
    public PipeBuffer TakeFirst()
    {
        PipeBuffer first = buffers[0];
        buffers.RemoveAt(0);
        return first;
    }

    /// <summary>Lets a task wait until something changes.</summary>
    public void Wait(TaskStruct task)
    {
        if (!waiting.Contains(task))
            waiting.Add(task);
    }

    /// <summary>Wakes everyone who waits, in order; they look again.</summary>
    public void Changed()
    {
        foreach (TaskStruct task in waiting)
        {
            if (task.State == TaskState.WaitingForFile)
                task.WakeToRetry(woken);
        }

        waiting.Clear();
    }

    internal void Opened(OpenFile file)
    {
        Readers += file.CanRead ? 1 : 0;
        Writers += file.CanWrite ? 1 : 0;
    }

    internal void Closed(OpenFile file)
    {
        Readers -= file.CanRead ? 1 : 0;
        Writers -= file.CanWrite ? 1 : 0;
        Changed();
        if (Readers > 0 || Writers > 0)
            return;
        foreach (PipeBuffer buffer in buffers)
            buffer.Release();
        buffers.Clear();
    }
}
