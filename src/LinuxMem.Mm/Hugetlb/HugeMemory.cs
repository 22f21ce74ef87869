using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Hugetlb;

/// <summary>The pools of huge pages, and what address spaces have of them.</summary>
/// <remarks>
/// Linux: mm/hugetlb.c: hugetlb_fault, hugetlb_vm_op_close, copy_hugetlb_page_range, move_hugetlb_page_tables, v6.18.
/// Pages are counted, promised and given out as huge ones; the page tables hold small ones in their place.
/// </remarks>
public sealed class HugeMemory
{
    private const int UsualShift = 21;
    private const int GiganticShift = 30;
    private readonly HugePool usual;
    private readonly HugePool? gigantic;
    private readonly int pageShift;

    /// <summary>
    /// The pools of a machine: as many pages of 2 MiB as are set aside, and none of 1 GiB, if there is such a size.
    /// </summary>
    public HugeMemory(int pageShift, ulong ramBytes, VmSettings settings)
    {
        this.pageShift = pageShift;
        usual = new HugePool(UsualShift, ramBytes);
        gigantic = settings.GigabytePages ? new HugePool(GiganticShift, ramBytes) : null;
        Usual.SetCount(settings.NrHugePages);
    }

    /// <summary>The pool of 2 MiB pages, which is the default.</summary>
    public HugePool Usual => usual;

    /// <summary>The pool of a size, as log2 of its bytes, 0 for the default; null if there is no such size.</summary>
    public HugePool? Find(uint log2) => log2 switch
    {
        0 or UsualShift => usual,
        GiganticShift => gigantic,
        _ => null,
    };

    /// <summary>Bytes of the pages that a mapping is made of. Precondition: it is one of huge pages.</summary>
    public static ulong BytesOf(Vma vma) => vma.Mapping!.Host!.Huge!.Pool.Bytes;

    /// <summary>
    /// Has a new mapping's pages promised, unless it wants none; false if there are not as many.
    /// <paramref name="reserve"/> is what a private one then has.
    /// </summary>
    public bool TryReserve(Inode inode, ulong offset, ulong length, VmFlags flags, out HugeReserve? reserve)
    {
        reserve = null;
        HugeFile file = inode.Huge!;
        if ((flags & VmFlags.NoReserve) != 0 || file.ReservesWhenMade)
            return true;
        ulong from = offset >> file.Pool.Shift, count = length >> file.Pool.Shift;
        if ((flags & VmFlags.MayShare) != 0)
            return file.TryReserve(from, from + count);
        if (!file.Pool.TryReserve(count))
            return false;
        reserve = new HugeReserve();
        return true;
    }

    /// <summary>Makes the huge page at an address be there for an access; false if there is none: SIGBUS.</summary>
    public bool TryTake(Mm mm, Vma vma, ulong va, bool isWrite)
    {
        HugeFile file = vma.Mapping!.Host!.Huge!;
        ulong index = (vma.PageIndexOf(va) << pageShift) >> file.Pool.Shift;
        if ((vma.Flags & VmFlags.MayShare) != 0 || (!isWrite && file.Has(index)))
            return file.TryTake(index);
        ulong start = va & ~(file.Pool.Bytes - 1);
        HugePage? page = mm.HugePages?.GetValueOrDefault(start);
        if (page is not null && (!isWrite || page.Owners == 1))
            return true;
        bool isReserved = page is null && vma.HugeReserve is { } reserve && reserve.Holds(index);
        if (!file.Pool.TryTake(isReserved))
            return false;
        if (isReserved && mm.Vmas.Mutant != Simulation.Mutants.Mutant.M137)
            vma.HugeReserve!.Use(index);
        if (page is not null)
            page.Owners--;
        mm.HugePages ??= [];
        mm.HugePages[start] = new HugePage();
        return true;
    }

    /// <summary>A range of a mapping goes: its private pages, and what was promised for it.</summary>
    public static void Release(Mm mm, HugePool pool, HugeReserve? reserve, ulong start, ulong end, ulong index)
    {
        foreach (ulong va in Within(mm, start, end))
            Drop(mm, pool, va, isReserved: false);
        if (reserve is not null && mm.Vmas.Mutant != Simulation.Mutants.Mutant.M120)
            pool.Unreserve(reserve.Unused(index, (end - start) >> pool.Shift));
    }

    /// <summary>
    /// The private pages of a range are given up (MADV_DONTNEED); promises are as if they never were.
    /// </summary>
    public void Discard(Mm mm, Vma vma, ulong start, ulong end)
    {
        HugePool pool = vma.Mapping!.Host!.Huge!.Pool;
        foreach (ulong va in Within(mm, start, end))
        {
            ulong index = (vma.PageIndexOf(va) << pageShift) >> pool.Shift;
            bool renewed = pool.Surplus == 0 && mm.HugePages![va].Owners == 1
                && vma.HugeReserve is { } reserve && reserve.Renew(index);
            Drop(mm, pool, va, renewed);
        }
    }

    /// <summary>mremap has moved private pages.</summary>
    public static void Move(Mm mm, ulong from, ulong to, ulong length)
    {
        foreach (ulong va in Within(mm, from, from + length))
        {
            HugePage page = mm.HugePages![va];
            mm.HugePages.Remove(va);
            mm.HugePages[to + (va - from)] = page;
        }
    }

    /// <summary>fork: the child shares the private pages of a mapping that it has too.</summary>
    public static void Share(Mm parent, Mm child, Vma vma)
    {
        foreach (ulong va in Within(parent, vma.Start, vma.End))
        {
            HugePage page = parent.HugePages![va];
            page.Owners++;
            child.HugePages ??= [];
            child.HugePages[va] = page;
        }
    }

    /// <summary>An address space ends.</summary>
    public void ReleaseAll(Mm mm)
    {
        for (Vma? vma = mm.Vmas.Tree.First; vma is not null; vma = vma.Next)
        {
            if ((vma.Flags & VmFlags.HugeTlb) == 0)
                continue;
            HugePool pool = vma.Mapping!.Host!.Huge!.Pool;
            ulong index = (vma.PgOff << pageShift) >> pool.Shift;
            Release(mm, pool, vma.HugeReserve, vma.Start, vma.End, index);
        }
    }

    /// <summary>The private pages of a mapping, in order of address.</summary>
    public static IEnumerable<HugePage> PrivatePages(Mm mm, Vma vma) =>
        Within(mm, vma.Start, vma.End).Select(va => mm.HugePages![va]);

    private static void Drop(Mm mm, HugePool pool, ulong va, bool isReserved)
    {
        HugePage page = mm.HugePages![va];
        mm.HugePages.Remove(va);
        if (--page.Owners == 0)
            pool.Put(isReserved);
    }

    private static ulong[] Within(Mm mm, ulong start, ulong end) =>
        mm.HugePages is not { Count: > 0 } pages ? [] : [.. pages.Keys.Where(va => va >= start && va < end)];
}
