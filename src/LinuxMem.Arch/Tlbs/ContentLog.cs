using System.Runtime.CompilerServices;

namespace LinuxMem.Arch.Tlbs;

/// <summary>The accesses to contents that one CPU made and nobody has carried out yet: its store buffer, with the
/// loads.</summary>
/// <remarks>
/// With <see cref="Memory.ContentMode.Bytes"/> there is an operation for every access. With tags there is one for every
/// visit of a run to a page, at the time of its first access and with the last access's address and value; and one for
/// every scattered access. A visit is logged again if its translation had to be found anew half-way, for then the frame
/// may be another.
/// </remarks>
public sealed class ContentLog
{
    private ContentOp[] ops = [];
    private int count;

    /// <summary>How many operations there are.</summary>
    public int Count => count;

    /// <summary>The operations in the order of time; valid until the next run of the MMU or
    /// <see cref="Clear"/>.</summary>
    public ReadOnlySpan<ContentOp> Ops => ops.AsSpan(0, count);

    /// <summary>Forgets all operations and keeps the room.</summary>
    public void Clear() => count = 0;

    /// <summary>Forgets the first operations. Precondition: there are as many.</summary>
    public void RemoveFirst(int removed)
    {
        Array.Copy(ops, removed, ops, 0, count - removed);
        count -= removed;
    }

    /// <summary>Room for one more operation, at the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref ContentOp Append()
    {
        if (count == ops.Length)
            Grow();
        return ref ops[count++];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow() => Array.Resize(ref ops, Math.Max(1024, ops.Length * 2));
}
