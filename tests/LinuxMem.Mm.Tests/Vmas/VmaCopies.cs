using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Tests.Vmas;

/// <summary>Copies sets of VMAs as fork does.</summary>
internal static class VmaCopies
{
    public static VmaSet CopyFor(this VmaSet set, Func<Vma, AnonVma?> anonVmaFor)
    {
        var copy = new VmaSet(set.Tree.PageShift, set.Tree.Lowest, set.Tree.TaskSize, set.MaxMapCount);
        for (Vma? vma = set.Tree.First; vma is not null; vma = vma.Next)
        {
            bool keeps = vma.AnonVma is not null && (vma.Flags & VmFlags.WipeOnFork) == 0;
            if ((vma.Flags & VmFlags.DontCopy) == 0)
                copy.AddCopy(vma, keeps ? anonVmaFor(vma) : null);
        }

        return copy;
    }
}
