using LinuxMem.Abi;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls;

/// <summary>Tells a tracer of the mappings around an address.</summary>
public static class VmaFacts
{
    private const int EachSide = 3;

    /// <summary>
    /// Adds the mapping at the address, or the first above it, and up to three on each side, by rising address.
    /// </summary>
    public static void Collect(Mm mm, ulong near, List<VmaFact> into)
    {
        VmaTree vmas = mm.Vmas.Tree;
        Vma? vma = vmas.Find(near) ?? vmas.Last;
        for (int i = 0; i < EachSide && vma?.Prev is not null; i++)
            vma = vma.Prev;
        var labels = new MapsLabels(mm.StartBrk, mm.Brk, mm.Bounds.StartStack);
        for (int i = 0; i <= 2 * EachSide && vma is not null; i++, vma = vma.Next)
            into.Add(FactOf(vma, vmas.PageShift, labels));
    }

    /// <summary>
    /// The access that <see cref="TracerCalls.Touch"/> asks for, where it may be the one that the mapping forbids.
    /// </summary>
    public static AccessKind KindOf(Mm mm, ulong address, ulong asked)
    {
        if (asked is not (TracerCalls.ForbiddenKind or TracerCalls.AllowedKind or TracerCalls.MissingKind))
            return asked <= (ulong)AccessKind.Execute ? (AccessKind)asked : AccessKind.Read;
        Vma? vma = mm.Vmas.Tree.FindContaining(address);
        if (asked == TracerCalls.AllowedKind || (asked == TracerCalls.MissingKind && vma is not null))
            return AllowedBy(vma?.Flags ?? VmFlags.Read);
        const VmFlags readable = VmFlags.Read | VmFlags.Write | VmFlags.Exec;
        if (vma is not null && (vma.Flags & readable) == 0)
            return AccessKind.Read;
        // Where nothing is mapped, a stack may grow for any access; it is only an instruction fetch that it forbids.
        const VmFlags both = VmFlags.Write | VmFlags.Exec;
        return vma is null || (vma.Flags & both) == VmFlags.Write ? AccessKind.Execute : AccessKind.Write;
    }

    private static AccessKind AllowedBy(VmFlags flags) => (flags & VmFlags.Read) != 0 ? AccessKind.Read
        : (flags & VmFlags.Write) != 0 ? AccessKind.Write : AccessKind.Execute;

    private static VmaFact FactOf(Vma vma, int pageShift, in MapsLabels labels)
    {
        ProtFlags prot = ((vma.Flags & VmFlags.Read) != 0 ? ProtFlags.Read : ProtFlags.None)
            | ((vma.Flags & VmFlags.Write) != 0 ? ProtFlags.Write : ProtFlags.None)
            | ((vma.Flags & VmFlags.Exec) != 0 ? ProtFlags.Exec : ProtFlags.None);
        ulong offset = vma.Mapping is null ? 0 : vma.PgOff << pageShift;
        return new VmaFact(vma.Start, vma.End, prot, (vma.Flags & VmFlags.MayShare) != 0, offset,
            MapsText.NameOf(vma, labels));
    }
}
