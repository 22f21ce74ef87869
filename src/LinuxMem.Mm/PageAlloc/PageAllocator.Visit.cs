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
    /// Links the blocks that boot only counted, so that mem_map and lists tell of them too. Changes no allocation.
    /// O(blocks); takes a page of the host for each.
    /// </summary>
    public void ListAllFreeBlocks()
    {
        foreach (BuddyAllocator buddy in buddies)
            buddy.ListBootBlocks(int.MaxValue);
    }

    /// <summary>
    /// The first frame from this one on that is in none of the free blocks that boot only counted: their descriptors
    /// were never written.
    /// </summary>
    public Pfn AfterUnlisted(Pfn pfn)
    {
        foreach (BuddyAllocator buddy in buddies)
        {
            (uint first, uint after) = buddy.UnlistedBlocks;
            if (pfn.Value >= first && pfn.Value < after)
                pfn = new Pfn(after);
        }

        return pfn;
    }

    /// <summary>
    /// Calls the visitor for every free block, by zone, order, type, and in the order of the list; also for those that
    /// are not linked yet (<see cref="ListAllFreeBlocks"/>). O(blocks).
    /// </summary>
    public void VisitFreeBlocks(FreeBlockVisitor visit)
    {
        foreach (BuddyAllocator buddy in buddies)
        {
            Zone zone = buddy.Zone;
            for (int i = 0; i < zone.Areas.Length * MigrateTypes.Count; i++)
            {
                (int order, int type) = Math.DivRem(i, MigrateTypes.Count);
                for (uint pfn = zone.Areas[order].Lists[type].Head; pfn != 0; pfn = map[new Pfn(pfn)].Next)
                    visit(zone, new Order(order), (MigrateType)type, new Pfn(pfn));
                if (order != zone.MaxOrder || type != (int)MigrateType.Movable)
                    continue;
                (uint first, uint after) = buddy.UnlistedBlocks;
                for (uint pfn = first; pfn < after; pfn += 1u << zone.MaxOrder)
                    visit(zone, new Order(order), MigrateType.Movable, new Pfn(pfn));
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
