using LinuxMem.Audit.Snapshots;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Hugetlb;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Actors.Auditing;

/// <summary>
/// Writes down for the audit what the pool of huge pages counts, and what address spaces and files have of it.
/// </summary>
internal static class HugeSnapshot
{
    /// <summary>Adds both; nothing where the machine has no huge pages.</summary>
    public static void Fill(Mm.Kernel kernel, ref CounterRecord counters)
    {
        HugePool pool = kernel.Memory.Huge.Usual;
        if (pool.Total == 0 && pool.Reserved == 0)
            return;
        counters.HugePool = new HugeCounts(pool.Total - pool.Free, pool.Reserved);
        long used = 0;
        long promised = 0;
        foreach (AddressSpace mapping in kernel.Objects.All)
        {
            if (mapping.Host?.Huge is not { } file || file.Pool != pool)
                continue;
            used += file.PresentPages;
            promised += file.PromisedPages;
        }

        // Address spaces that share a page after fork count it once.
        var seen = new HashSet<HugePage>(ReferenceEqualityComparer.Instance);
        int pageShift = kernel.Memory.Geometry.PageShift;
        foreach (Mm.Mm mm in kernel.Lifecycle.Live)
        {
            for (Vma? vma = mm.Vmas.Tree.First; vma is not null; vma = vma.Next)
            {
                if ((vma.Flags & VmFlags.HugeTlb) == 0 || vma.Mapping!.Host!.Huge!.Pool != pool)
                    continue;
                foreach (HugePage page in HugeMemory.PrivatePages(mm, vma))
                    used += seen.Add(page) ? 1 : 0;
                promised += vma.HugeReserve?.Unused(
                    (vma.PgOff << pageShift) >> pool.Shift, vma.SpanBytes >> pool.Shift) ?? 0;
            }
        }

        counters.HugeUsers = new HugeCounts(used, promised);
    }
}
