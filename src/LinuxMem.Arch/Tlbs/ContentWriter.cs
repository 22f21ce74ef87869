using LinuxMem.Abi;
using LinuxMem.Arch.Memory;

namespace LinuxMem.Arch.Tlbs;

/// <summary>Turns accesses into operations of a <see cref="ContentLog"/>, the same ones however a run is cut by
/// deadlines.</summary>
internal sealed class ContentWriter
{
    private readonly ContentLog log;
    private readonly ContentMode mode;
    private readonly int pageShift;
    private TaskAccesses? task;
    private int mmId;

    /// <summary>A writer to a log.</summary>
    public ContentWriter(ContentLog log, ContentMode mode, int pageShift)
    {
        this.log = log;
        this.mode = mode;
        this.pageShift = pageShift;
    }

    /// <summary>Whether there is anything to write at all.</summary>
    public bool IsOn => mode != ContentMode.None;

    /// <summary>Says whose accesses follow.</summary>
    public void Begin(MmContext mm, TaskAccesses accesses)
    {
        task = accesses;
        mmId = mm.MmId;
    }

    /// <summary>Writes one access.</summary>
    /// <param name="startNs">When it started.</param>
    /// <param name="va">Its address.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="data">The TLB entry's <see cref="TlbData"/>.</param>
    public void One(long startNs, ulong va, AccessKind kind, ulong data)
    {
        ulong value = kind == AccessKind.Write ? TaskAccesses.StoreValue(task!.ValueSeed, ++task.StoreOrdinal) : 0;
        Append(startNs, va, kind, data, value);
    }

    /// <summary>Writes a piece of a row's visit to one page.</summary>
    /// <param name="run">The row.</param>
    /// <param name="done">How many of its accesses were done before.</param>
    /// <param name="visit">How many from there on lie in the page.</param>
    /// <param name="piece">How many of these are done now.</param>
    /// <param name="startNs">When the first of them starts.</param>
    /// <param name="extraNs">What it costs more than the others.</param>
    /// <param name="hitNs">What the others cost.</param>
    /// <param name="data">The TLB entry's <see cref="TlbData"/>.</param>
    /// <param name="translatedAnew">Whether the page was not in the first level.</param>
    public void Visit(
        in AccessRun run, int done, int visit, int piece, long startNs, int extraNs, int hitNs, ulong data,
        bool translatedAnew)
    {
        ulong va = run.Start + (ulong)(run.Stride * done);
        if (mode == ContentMode.Bytes)
        {
            One(startNs, va, run.Kind, data);
            for (int i = 1; i < piece; i++)
                One(startNs + extraNs + ((long)i * hitNs), va + (ulong)(run.Stride * i), run.Kind, data);
            return;
        }

        // A visit that a deadline has cut goes on with a first-level hit; then its operation, which knows its end, is
        // written already.
        bool enters = done == 0 || ((va - (ulong)run.Stride) ^ va) >> pageShift != 0;
        ulong stores = run.Kind == AccessKind.Write ? 1UL : 0;
        if (enters || translatedAnew)
        {
            ulong last = va + (ulong)(run.Stride * (visit - 1));
            ulong value = stores == 0 ? 0 : TaskAccesses.StoreValue(task!.ValueSeed, task.StoreOrdinal + (ulong)visit);
            Append(startNs, last, run.Kind, data, value);
        }

        task!.StoreOrdinal += stores * (ulong)piece;
    }

    private void Append(long startNs, ulong va, AccessKind kind, ulong data, ulong value)
    {
        ref ContentOp op = ref log.Append();
        op.TimeNs = startNs;
        op.Va = va & ~7UL;
        op.Value = value;
        op.TaskId = task!.TaskId;
        op.MmId = mmId;
        op.Pfn = (uint)data;
        op.Kind = kind == AccessKind.Write ? AccessKind.Write : AccessKind.Read;
    }
}
