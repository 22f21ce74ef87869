using LinuxMem.Arch.Addresses;

namespace LinuxMem.Mm.PageAlloc;

/// <summary>What the audit sees of the allocator: every free block and every per-CPU list.</summary>
public sealed partial class PageAllocator
{
    /// <summary>log2 of the frames of a pageblock.</summary>
    public int PageblockOrder => pageblocks.Order;

    /// <summary>The migrate type of the pageblock of a frame. Precondition: the frame exists.</summary>
    public MigrateType PageblockTypeOf(Pfn pfn) => (MigrateType)pageblocks.TypeOf(pfn.Value);

    /// <summary>
    /// Calls the visitor for every free block, by zone, order, type, and in the order of the list. O(blocks).
    /// </summary>
    public void VisitFreeBlocks(FreeBlockVisitor visit)
    {
        foreach (BuddyAllocator buddy in buddies)
        {
            Zone zone = buddy.Zone;
            buddy.ListBootBlocks(int.MaxValue);
            for (int i = 0; i < zone.Areas.Length * MigrateTypes.Count; i++)
            {
                (int order, int type) = Math.DivRem(i, MigrateTypes.Count);
                for (uint pfn = zone.Areas[order].Lists[type].Head; pfn != 0; pfn = map[new Pfn(pfn)].Next)
                    visit(zone, new Order(order), (MigrateType)type, new Pfn(pfn));
            }
        }
    }

    /// <summary>
    /// Calls the visitor for every block on a per-CPU list, by zone, CPU, order, type, and in the order of the list.
    /// </summary>
    public void VisitPerCpuPages(PerCpuBlockVisitor visit)
    {
        foreach (Zone zone in zones)
        {
            for (int i = 0; i < cpus * PerCpuPages.ListCount; i++)
            {
                (int cpu, int list) = Math.DivRem(i, PerCpuPages.ListCount);
                (int order, int type) = Math.DivRem(list, MigrateTypes.Count);
                for (uint pfn = zone.PerCpuLists[cpu].Lists[list].Head; pfn != 0; pfn = map[new Pfn(pfn)].Next)
                    visit(cpu, zone, new Order(order), (MigrateType)type, new Pfn(pfn));
            }
        }
    }
}
