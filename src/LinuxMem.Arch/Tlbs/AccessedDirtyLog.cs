using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LinuxMem.Arch.Tlbs;

/// <summary>A walk that has to set the accessed bit of a leaf entry, or that and the dirty bit.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct AccessedDirtyOp
{
    /// <summary>When the access started, in nanoseconds of virtual time.</summary>
    public long TimeNs;

    /// <summary>Its address.</summary>
    public ulong Va;

    /// <summary>The frame of the leaf table.</summary>
    public uint Table;

    /// <summary>The frame that the entry named.</summary>
    public uint Pfn;

    /// <summary>Whether it was a store: the dirty bit, too.</summary>
    public bool IsStore;
}

/// <summary>
/// Accessed and dirty bits that one CPU has to set in the tables of a shared mm. The kernel sets them, in the order of
/// time: else it would see those of accesses that are yet to come, where the CPU has got ahead of it, and would miss
/// those made through an entry that it has changed, where the CPU comes behind.
/// </summary>
/// <remarks>
/// Until that is done a CPU may log a page again. Nothing that it does depends on whether the bits are set: a load
/// enters a page of a shared mm into the TLB as clean, a store as dirty.
/// </remarks>
public sealed class AccessedDirtyLog
{
    private AccessedDirtyOp[] ops = [];
    private int count;

    /// <summary>How many there are.</summary>
    public int Count => count;

    /// <summary>In the order of time; valid until the next run of the MMU or <see cref="RemoveFirst"/>.</summary>
    public ReadOnlySpan<AccessedDirtyOp> Ops => ops.AsSpan(0, count);

    /// <summary>Forgets the first ones and keeps the room. Precondition: there are as many.</summary>
    public void RemoveFirst(int removed)
    {
        Array.Copy(ops, removed, ops, 0, count - removed);
        count -= removed;
    }

    /// <summary>Whether a store to a frame waits for its dirty bit.</summary>
    public bool HasStoreTo(uint pfn)
    {
        foreach (ref readonly AccessedDirtyOp op in Ops)
        {
            if (op.IsStore && op.Pfn == pfn)
                return true;
        }

        return false;
    }

    /// <summary>Adds one, at the end.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void Add(long timeNs, ulong va, uint table, uint pfn, bool isStore)
    {
        if (count == ops.Length)
            Array.Resize(ref ops, Math.Max(256, ops.Length * 2));
        ops[count++] = new AccessedDirtyOp { TimeNs = timeNs, Va = va, Table = table, Pfn = pfn, IsStore = isStore };
    }
}
