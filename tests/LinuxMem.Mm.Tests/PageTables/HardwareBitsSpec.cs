using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;
using LinuxMem.Arch.Tlbs;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;

namespace LinuxMem.Mm.Tests.PageTables;

public class HardwareBitsSpec
{
    private const ulong At = KernelRig.Arena;

    [Fact]
    public void An_entry_that_still_names_the_frame_gets_the_bits_whatever_it_allows_by_now()
    {
        using var rig = new KernelRig();
        TaskStruct task = MapCleanPage(rig, out AccessedDirtyOp op, out PteSlot slot);
        PteFormat format = rig.Geometry.Format;
        rig.Memory.Tables.Write(slot, rig.Entry(task.Mm, At) & ~(format.Write | format.Dirty | format.Accessed));
        var bits = new HardwareBits(rig.Memory);
        op.IsStore = false;
        bits.Set(op);
        Assert.Equal(format.Accessed, rig.Entry(task.Mm, At) & (format.Accessed | format.Dirty));
        op.IsStore = true;
        bits.Set(op);
        Assert.Equal(format.Accessed | format.Dirty, rig.Entry(task.Mm, At) & (format.Accessed | format.Dirty));
    }

    [Fact]
    public void A_store_to_a_page_of_the_swap_cache_whose_entry_is_gone_makes_the_page_dirty()
    {
        using var rig = new KernelRig();
        MapCleanPage(rig, out AccessedDirtyOp op, out PteSlot slot);
        ref PageFrame frame = ref rig.Memory.Map[new Pfn(op.Pfn)];
        rig.Memory.Tables.Write(slot, 0);
        var bits = new HardwareBits(rig.Memory);
        bits.Set(op);
        Assert.Equal(PageFlags.None, frame.Flags & PageFlags.Dirty);
        frame.Flags |= PageFlags.SwapCached;
        bits.Set(op with { IsStore = false });
        Assert.Equal(PageFlags.None, frame.Flags & PageFlags.Dirty);
        bits.Set(op);
        Assert.Equal(PageFlags.Dirty, frame.Flags & PageFlags.Dirty);
        Assert.Equal(0UL, rig.Memory.Tables.Read(slot));
    }

    private static TaskStruct MapCleanPage(KernelRig rig, out AccessedDirtyOp op, out PteSlot slot)
    {
        TaskStruct task = rig.Start();
        rig.Map(task, At, 1);
        rig.Store(task, At, 1);
        slot = rig.Memory.Tables.Find(task.Mm, At);
        op = new AccessedDirtyOp
        {
            TimeNs = 1,
            Va = At + 8,
            Table = slot.Table.Value,
            Pfn = rig.FrameAt(task.Mm, At).Value,
            IsStore = true,
        };
        return task;
    }
}
