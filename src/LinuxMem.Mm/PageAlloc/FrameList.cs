using System.Runtime.CompilerServices;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;

namespace LinuxMem.Mm.PageAlloc;

/// <summary>A doubly linked list of frames, linked inside mem_map. Frame 0 is never on one, so 0 ends it.</summary>
internal unsafe struct FrameList
{
    /// <summary>First frame; 0 if empty.</summary>
    public uint Head;

    /// <summary>Last frame; 0 if empty.</summary>
    public uint Tail;

    /// <summary>Frames linked.</summary>
    public long Count;

    /// <summary>Puts a frame first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddHead(PageFrame* frames, uint pfn)
    {
        frames[pfn].Prev = 0;
        frames[pfn].Next = Head;
        if (Head != 0)
            frames[Head].Prev = pfn;
        else
            Tail = pfn;
        Head = pfn;
        Count++;
    }

    /// <summary>Puts a frame last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddTail(PageFrame* frames, uint pfn)
    {
        frames[pfn].Next = 0;
        frames[pfn].Prev = Tail;
        if (Tail != 0)
            frames[Tail].Next = pfn;
        else
            Head = pfn;
        Tail = pfn;
        Count++;
    }

    /// <summary>Takes the first frame off. Precondition: there is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint RemoveHead(PageFrame* frames)
    {
        uint pfn = Head;
        uint next = frames[pfn].Next;
        if (next != 0)
            frames[next].Prev = 0;
        else
            Tail = 0;
        frames[pfn].Next = 0;
        Head = next;
        Count--;
        return pfn;
    }

    /// <summary>Takes a frame off. Precondition: it is on this list.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Remove(PageFrame* frames, uint pfn)
    {
        uint next = frames[pfn].Next;
        uint prev = frames[pfn].Prev;
        if (prev != 0)
            frames[prev].Next = next;
        else
            Head = next;
        if (next != 0)
            frames[next].Prev = prev;
        else
            Tail = prev;
        frames[pfn].Next = 0;
        frames[pfn].Prev = 0;
        Count--;
    }

    /// <summary>
    /// Adds the frames to a list, found by their links, the first first; as many as are counted at most, in case that
    /// they go round.
    /// </summary>
    public readonly void CopyTo(PageFrame* frames, List<Pfn> into)
    {
        long left = Count + 1;
        for (uint pfn = Head; pfn != 0 && left-- > 0; pfn = frames[pfn].Next)
            into.Add(new Pfn(pfn));
    }

    /// <summary>Takes the last <paramref name="count"/> blocks out; their links are the caller's to clear.</summary>
    /// <param name="frames">mem_map.</param>
    /// <param name="first">The first of them.</param>
    /// <param name="count">How many there are.</param>
    public void RemoveTail(PageFrame* frames, uint first, int count)
    {
        Tail = frames[first].Prev;
        if (Tail != 0)
            frames[Tail].Next = 0;
        else
            Head = 0;
        Count -= count;
    }
}
