using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls;

/// <summary>
/// Hears what programs were told about their address spaces: mappings made and removed, copied and ended. The content
/// oracle lives on this; it says what was promised, not how the kernel keeps it.
/// </summary>
public interface IMmObserver
{
    /// <summary>
    /// [start, end) is a fresh mapping, in place of what was there: private memory of zeros, or of an object from a
    /// page index on.
    /// </summary>
    void Mapped(Mm mm, ulong start, ulong end, AddressSpace? mapping, bool shared, ulong firstIndex);

    /// <summary>
    /// Pages of [start, end) may become zeros until they are stored to (MADV_FREE), or <paramref name="always"/>
    /// (MAP_DROPPABLE).
    /// </summary>
    void MayVanish(Mm mm, ulong start, ulong end, bool always);

    /// <summary>[start, end) is not mapped any more.</summary>
    void Unmapped(Mm mm, ulong start, ulong end);

    /// <summary>
    /// The pages of [oldStart, oldStart + length) are found at newStart now, in place of what was there; at the old
    /// place nothing is mapped. The two ranges do not overlap.
    /// </summary>
    void Moved(Mm mm, ulong oldStart, ulong newStart, ulong length);

    /// <summary>A child got a copy of an address space.</summary>
    void Forked(Mm parent, Mm child);

    /// <summary>The kernel stored to user memory: the unit of an address has a value now.</summary>
    void Stored(Mm mm, ulong va, ulong value);

    /// <summary>
    /// The kernel is about to store to [start, end) of an address space that is not the caller's: whose tasks may run
    /// meanwhile, and see a page as it was before until an interrupt has reached them.
    /// </summary>
    void StoresFromAfar(Mm mm, ulong start, ulong end)
    {
    }

    /// <summary>
    /// A page was broken out of what it is a copy of, by a fault of a program or of the kernel: a private mapping sees
    /// no change of its object there from now on, though the store that the copy is made for comes later, if at all
    /// (locked memory, MAP_POPULATE).
    /// </summary>
    void Copied(Mm mm, ulong va);

    /// <summary>
    /// A call wrote to an object: its unit at a byte offset has a value now, for all who map it and have no copy.
    /// </summary>
    void ObjectStored(AddressSpace mapping, ulong offset, ulong value);

    /// <summary>Whether it wants to hear what calls read (<see cref="ObjectLoaded"/>).</summary>
    bool JudgesReads { get; }

    /// <summary>A call read a page that is in the page cache: its unit at a byte offset has this value.</summary>
    void ObjectLoaded(AddressSpace mapping, ulong offset, ulong value);

    /// <summary>
    /// The pages of an object from one index on, up to and without another, are gone: they begin anew where they are
    /// mapped. With <paramref name="copiesToo"/> private copies of them are gone as well. With
    /// <paramref name="isHole"/> a file has zeros there from now on; without, what it has is not told.
    /// </summary>
    void ObjectCut(AddressSpace mapping, ulong first, ulong end, bool copiesToo, bool isHole = false);

    /// <summary>An address space is gone.</summary>
    void Exited(Mm mm);

    /// <summary>
    /// [start, end), a part of one mapping, was told of by <see cref="Mapped"/>; if it is droppable, that is told too.
    /// </summary>
    void MappedDroppable(Mm mm, Vma vma, ulong start, ulong end)
    {
        if ((vma.Flags & VmFlags.Droppable) != 0)
            MayVanish(mm, start, end, always: true);
    }
}
