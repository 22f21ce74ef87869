using System.Runtime.InteropServices;

namespace LinuxMem.Abi;

/// <summary>
/// A row of accesses of one kind: <see cref="Count"/> accesses at <see cref="Start"/>, Start + Stride, Start + 2
/// Stride...; or, with <see cref="IsScatter"/>, the next Count entries of the batch's scatter buffer from index Start
/// on.
/// </summary>
/// <remarks>No single access crosses a page: <see cref="AccessBatch.AddAccess"/> splits those that would.</remarks>
[StructLayout(LayoutKind.Sequential)]
public struct AccessRun
{
    /// <summary>
    /// Virtual address of the first access; for a scatter, an index into <see cref="AccessBatch.Scatter"/>.
    /// </summary>
    public ulong Start;
    /// <summary>Bytes from one access to the next; may be zero or negative. Unused by a scatter.</summary>
    public long Stride;
    /// <summary>Number of accesses, at least 1.</summary>
    public int Count;
    /// <summary>The kind of all accesses. A scatter carries its kinds in its entries.</summary>
    public AccessKind Kind;
    /// <summary>Whether the addresses are in the scatter buffer.</summary>
    public bool IsScatter;
}
