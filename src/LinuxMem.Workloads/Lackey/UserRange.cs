using LinuxMem.Abi;

namespace LinuxMem.Workloads.Lackey;

/// <summary>User memory that a system call reads or writes.</summary>
/// <param name="Kind">Read or Write.</param>
/// <param name="Start">Virtual address of the first byte.</param>
/// <param name="Bytes">Length, at least 1.</param>
internal readonly record struct UserRange(AccessKind Kind, ulong Start, ulong Bytes)
{
    // Linux: fs/read_write.c: MAX_RW_COUNT, v6.18: no call copies more.
    private const ulong BytesMax = 0x7ffff000;

    // The user half of the widest x86-64 address space, 5 levels.
    private const ulong UserEnd = 1UL << 56;

    /// <summary>Whether a kernel would touch it at all.</summary>
    internal bool IsPlausible => Start != 0 && Bytes is > 0 and <= BytesMax && Start < UserEnd - BytesMax;

    /// <summary>
    /// Adds one access per page, at the logged addresses or where a layout has them. Precondition: the batch is not
    /// full.
    /// </summary>
    internal void AddTo(AccessBatch batch, LinuxLayout? layout)
    {
        if (layout is null)
            AddTo(batch);
        else if (layout.TryTranslate(Start, Kind, out ulong native))
            (this with { Start = native }).AddTo(batch);
    }

    private void AddTo(AccessBatch batch)
    {
        int shift = batch.PageShift;
        ulong first = Start >> shift;
        ulong pages = ((Start + Bytes - 1) >> shift) - first + 1;
        batch.AddAccess(Kind, Start, 1);
        if (pages > 1)
            batch.AddRun(Kind, (first + 1) << shift, 1L << shift, (int)(pages - 1));
    }
}
