using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Tests.Vmas;

/// <summary>What a page of the naive model knows.</summary>
internal sealed record ModelPage(VmFlags Flags, AddressSpace? Mapping, ulong PgOff, AnonVma? AnonVma);

/// <summary>
/// An address space of a few pages as a plain array: the answer that a <see cref="VmaSet"/> must give, found by brute
/// force.
/// </summary>
internal sealed class VmaModel(int pageShift, ulong basePage, int pages)
{
    public readonly ModelPage?[] Pages = new ModelPage?[pages];

    public ulong Address(int page) => (basePage + (ulong)page) << pageShift;

    public bool IsFree(int from, int to) => Pages[from..to].All(p => p is null);

    public VmaModel Copy()
    {
        var copy = new VmaModel(pageShift, basePage, pages);
        Pages.CopyTo(copy.Pages, 0);
        return copy;
    }

    /// <summary>
    /// The pages of the VMAs are the model's; a page that has faulted keeps its anon_vma through every merge.
    /// </summary>
    public void AssertEqual(VmaSet set)
    {
        for (int i = 0; i < Pages.Length; i++)
        {
            Vma? vma = set.Tree.FindContaining(Address(i));
            Assert.Equal(Pages[i] is null, vma is null);
            if (Pages[i] is not { } page || vma is null)
                continue;
            Assert.True(vma.Contains(Address(i)));
            Assert.Equal((page.Flags, page.Mapping, page.PgOff), (vma.Flags, vma.Mapping, vma.PageIndexOf(Address(i))));
            if (page.AnonVma is not null)
                Assert.Same(page.AnonVma, vma.AnonVma);
        }
    }

    /// <summary>Counters by counting pages, and each object's VMAs by counting VMAs of all sets.</summary>
    public void AssertCounters(VmaSet set)
    {
        ulong Count(Func<VmFlags, bool> which) => (ulong)Pages.Count(p => p is not null && which(p.Flags));
        Assert.Equal(Count(_ => true), set.TotalVmPages);
        Assert.Equal(Count(f => f.HasFlag(VmFlags.Locked)), set.LockedVmPages);
        Assert.Equal(Count(f => f.HasFlag(VmFlags.GrowsDown)), set.StackVmPages);
        Assert.Equal(
            Count(f => f.HasFlag(VmFlags.Write) && !f.HasFlag(VmFlags.Shared) && !f.HasFlag(VmFlags.GrowsDown)),
            set.DataVmPages);
        Assert.Equal(
            Count(f => f.HasFlag(VmFlags.Exec) && !f.HasFlag(VmFlags.Write) && !f.HasFlag(VmFlags.GrowsDown)),
            set.ExecVmPages);
    }

    /// <summary>
    /// The runs of free pages, clipped to a window, each with where the guard of a growing VMA above it begins.
    /// </summary>
    private IEnumerable<(ulong From, ulong To, ulong GuardStart)> Holes(ulong low, ulong high, ulong guardBytes)
    {
        for (int i = 0; i < Pages.Length; i++)
        {
            if (Pages[i] is not null)
                continue;
            int end = i;
            while (end < Pages.Length && Pages[end] is null)
                end++;
            bool guarded = end < Pages.Length && Pages[end]!.Flags.HasFlag(VmFlags.GrowsDown);
            ulong to = Address(end);
            ulong guardStart = !guarded ? ulong.MaxValue : to > guardBytes ? to - guardBytes : 0;
            yield return (Math.Max(Address(i), low), Math.Min(to, high), guardStart);
            i = end;
        }
    }

    public ulong? GapTopDown(ulong low, ulong high, ulong length, ulong mask, ulong offset, ulong guardBytes)
    {
        foreach ((ulong from, ulong holeEnd, ulong guardStart) in Holes(low, high, guardBytes).Reverse())
        {
            ulong to = Math.Min(holeEnd, high);
            if (to < from || to - from < length + mask)
                continue;
            // The guard above it is looked at last; what follows lies below that guard.
            if (guardStart < to)
                high = to = guardStart;
            if (to < from || to - from < length + mask)
                continue;
            for (ulong at = to - length; ; at -= 1UL << pageShift)
            {
                if (((at ^ offset) & mask) == 0)
                    return at;
            }
        }
        return null;
    }

    public ulong? GapBottomUp(ulong low, ulong high, ulong length, ulong mask, ulong offset, ulong guardBytes)
    {
        foreach ((ulong from, ulong to, ulong guardStart) in Holes(low, high, guardBytes))
        {
            if (to < from || to - from < length + mask)
                continue;
            ulong at = from;
            while (((at ^ offset) & mask) != 0)
                at += 1UL << pageShift;
            if (at + length + mask <= guardStart)
                return at;
        }
        return null;
    }
}
