using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls;

namespace LinuxMem.Mm.Tests.Support;

/// <summary>Hears nothing.</summary>
internal sealed class DeafObserver : IMmObserver
{
    public void MayVanish(Mm mm, ulong start, ulong end, bool always)
    {
    }

    public void Mapped(Mm mm, ulong start, ulong end, AddressSpace? mapping, bool shared, ulong firstIndex)
    {
    }

    public void Unmapped(Mm mm, ulong start, ulong end)
    {
    }

    public void Moved(Mm mm, ulong oldStart, ulong newStart, ulong length)
    {
    }

    public void Forked(Mm parent, Mm child)
    {
    }

    public void Stored(Mm mm, ulong va, ulong value)
    {
    }

    public void Copied(Mm mm, ulong va)
    {
    }

    public void ObjectStored(AddressSpace mapping, ulong offset, ulong value)
    {
    }

    public bool JudgesReads => false;

    public void ObjectLoaded(AddressSpace mapping, ulong offset, ulong value)
    {
    }

    public void ObjectCut(AddressSpace mapping, ulong first, ulong end, bool copiesToo, bool isHole = false)
    {
    }

    public void Exited(Mm mm)
    {
    }
}
