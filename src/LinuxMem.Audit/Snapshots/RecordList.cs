namespace LinuxMem.Audit.Snapshots;

/// <summary>
/// A growable array of records that is cleared and filled again for every snapshot; it allocates only while it grows.
/// </summary>
/// <typeparam name="T">The record.</typeparam>
public sealed class RecordList<T>
    where T : struct
{
    private T[] items = new T[16];

    /// <summary>Records in the list.</summary>
    public int Count { get; private set; }

    /// <summary>The records, valid until the next <see cref="Append"/>.</summary>
    public Span<T> Items => items.AsSpan(0, Count);

    /// <summary>The record at an index from 0 to <see cref="Count"/> - 1, in place.</summary>
    public ref T this[int index] => ref Items[index];

    /// <summary>
    /// A new record at the end, all zero, to be filled in place. The reference is valid until the next call.
    /// </summary>
    public ref T Append()
    {
        if (Count == items.Length)
            Array.Resize(ref items, items.Length * 2);
        ref T item = ref items[Count++];
        item = default;
        return ref item;
    }

    /// <summary>Adds a copy of a record.</summary>
    public void Add(in T item) => Append() = item;

    /// <summary>Makes the list empty; the memory stays.</summary>
    public void Clear() => Count = 0;
}
