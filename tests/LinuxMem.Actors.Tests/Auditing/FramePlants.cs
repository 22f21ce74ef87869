using System.Reflection;
using LinuxMem.Actors.Tests.Support;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Stats;

namespace LinuxMem.Actors.Tests.Auditing;

/// <summary>Bugs in frames, free lists and counts.</summary>
internal static class FramePlants
{
    public static IEnumerable<MachinePlant> All =>
    [
        new("I01", "a page of a process is tagged as the kernel's", v =>
            v.FindAnon(out MappedPage page) && Do(v.FrameOf(page.Pfn).Place = FramePlace.Kernel)),
        new("I01", "the inside of a free block is marked as something else", v =>
            v.FindFreeBlock(1, out Pfn block)
            && Do(v.FrameOf(new Pfn(block.Value + 1)).Place = FramePlace.Isolated)),
        new("I02", "a zone manages a frame too many", v =>
            Set(v.Memory.Allocator.Zones[0], "ManagedPages", v.Memory.Allocator.Zones[0].ManagedPages + 1)),
        new("I03", "a free frame is mapped", v => v.FindAnon(out MappedPage page)
            && v.FindFreeBlock(1, out Pfn block) && MapInstead(v, page, block)),
        new("I04", "a free block is on the list of another order", v =>
            v.FindFreeBlock(0, out Pfn block) && Do(v.FrameOf(block).Order++)),
        new("I05", "two buddies are free and not merged", v =>
            v.FindFreeBlock(3, out Pfn block) && SplitOnly(v, block)),
        new("I06", "a zone counts a free page too many", v =>
            Set(v.Memory.Allocator.Zones[0], "FreePages", v.Memory.Allocator.Zones[0].FreePages + 1)),
        new("I07", "a per-CPU list counts a page too many", v =>
        {
            PerCpuPages list = v.Memory.Allocator.Zones[0].PerCpuPages[0];
            return Set(list, "Count", list.Count + 1);
        }),
        new("I08", "a free frame has a reference", v =>
            v.FindFreeBlock(0, out Pfn block) && Do(v.FrameOf(block).RefCount++)),
        new("I09", "a page is mapped though it had a memory error", v =>
            v.FindAnon(out MappedPage page) && Do(v.FrameOf(page.Pfn).Flags |= PageFlags.HwPoison)),
        new("I10", "a page has a reference too many", v =>
            v.FindAnon(out MappedPage page) && Do(v.FrameOf(page.Pfn).RefCount++)),
        new("I11", "a page has a mapping too many", v =>
            v.FindAnon(out MappedPage page) && Do(v.FrameOf(page.Pfn).MapCount++)),
        new("I48", "a page is locked when all is over", v =>
            v.Ended && Do(v.FrameOf(v.Memory.ZeroPage).Flags |= PageFlags.Locked)),
        new("I50", "a frame is lost", v => v.Ended && !v.Memory.Allocator.AllocPages(
            0, GfpFlags.Kernel, Order.Zero, FramePlace.Kernel, out _).IsNone),
        new("I52", "a page is counted as mapped that is none", v => v.Ended && CountMapped(v)),
    ];

    private static bool CountMapped(Victim v)
    {
        v.Memory.Stat.Add(VmEvent.NrMapped);
        return true;
    }

    private static bool Do(object _) => true;

    private static bool Set(object owner, string name, object value)
    {
        LoopInsides.Set(owner, name, value);
        return true;
    }

    private static bool MapInstead(Victim victim, MappedPage page, Pfn other)
    {
        victim.Write(page, (page.Entry & ~victim.Format.PfnMask) | victim.Format.Make(other.Value, 0));
        return true;
    }

    // Puts the halves of a free block on the list of their own order and leaves them there.
    private static bool SplitOnly(Victim victim, Pfn block)
    {
        ref PageFrame frame = ref victim.FrameOf(block);
        Zone zone = victim.Memory.Allocator.ZoneOf(block);
        int order = frame.Order;
        var half = new Pfn(block.Value + (1u << (order - 1)));
        if (frame.Prev != 0 || frame.Next != 0)
            return false;
        uint next = AddHead(zone.FreeAreas[order - 1], frame.MigrateType, block.Value, 2);
        AddHead(zone.FreeAreas[order], frame.MigrateType, 0, -1);
        if (next != 0)
            victim.FrameOf(new Pfn(next)).Prev = half.Value;
        ref PageFrame second = ref victim.FrameOf(half);
        second = frame;
        frame.Order = second.Order = (byte)(order - 1);
        frame.Next = half.Value;
        second.Prev = block.Value;
        second.Next = next;
        return true;
    }

    private static uint AddHead(FreeArea area, int type, uint head, long count)
    {
        var lists = LoopInsides.Field<Array>(area, "Lists");
        object list = lists.GetValue(type)!;
        FieldInfo headField = list.GetType().GetField("Head")!;
        FieldInfo countField = list.GetType().GetField("Count")!;
        FieldInfo tailField = list.GetType().GetField("Tail")!;
        uint old = (uint)headField.GetValue(list)!;
        headField.SetValue(list, head);
        if (head == 0)
            tailField.SetValue(list, 0u);
        else if (old == 0)
            tailField.SetValue(list, head + (uint)count / 2);
        countField.SetValue(list, (long)countField.GetValue(list)! + count);
        lists.SetValue(list, type);
        return old;
    }
}
