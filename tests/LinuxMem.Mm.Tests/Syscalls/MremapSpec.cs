using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Tests.Syscalls;

public class MremapSpec
{
    private const ulong At = KernelRig.Arena;
    private const ulong To = KernelRig.Arena + (1UL << 22);
    private const ulong Move = (ulong)MremapFlags.MayMove;
    private const ulong MoveTo = Move | (ulong)MremapFlags.Fixed;

    [Fact]
    public void Moved_pages_keep_their_frames_and_leave_nothing_behind()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 2);
        rig.Store(task, At, 11);
        Pfn frame = rig.FrameAt(task.Mm, At);
        Assert.Equal((long)To, Mremap(rig, task, At, 2, 2, MoveTo, To).Value);
        Assert.Equal(frame, rig.FrameAt(task.Mm, To));
        Assert.Equal((1, 1), (rig.Memory.Map[frame].RefCount, rig.Memory.Map[frame].MapCount));
        Assert.Equal(1, task.Mm.RssAnon);
        Assert.Equal(11UL, rig.Load(task, To));
        Assert.False(rig.Access(task, At, AccessKind.Read));
    }

    [Fact]
    public void A_faulted_mapping_keeps_its_index_and_a_fresh_one_takes_that_of_its_new_place()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 2);
        rig.Store(task, At, 1);
        rig.Map(task, At + (8 * rig.Page), 2);
        Mremap(rig, task, At, 2, 2, MoveTo, To);
        Mremap(rig, task, At + (8 * rig.Page), 2, 2, MoveTo, To + (8 * rig.Page));
        Assert.Equal(At / rig.Page, task.Mm.Vmas.Tree.FindContaining(To)!.PgOff);
        Vma fresh = task.Mm.Vmas.Tree.FindContaining(To + (8 * rig.Page))!;
        Assert.Equal(fresh.Start / rig.Page, fresh.PgOff);
    }

    [Fact]
    public void Where_there_is_no_room_to_grow_the_mapping_moves_with_its_contents()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 2);
        rig.Map(task, At + (2 * rig.Page), 1, ProtFlags.Read);
        rig.Store(task, At + rig.Page, 3);
        ulong to = (ulong)Mremap(rig, task, At, 2, 4, Move).Value;
        Assert.Equal(task.Mm.MmapBase - (4 * rig.Page), to);
        Assert.Equal(3UL, rig.Load(task, to + rig.Page));
        Assert.Equal(0UL, rig.Load(task, to + (3 * rig.Page)));
        Assert.Equal(5UL, task.Mm.Vmas.TotalVmPages);
    }

    [Fact]
    public void Growing_up_to_a_mapping_of_its_kind_makes_one_of_both()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 2);
        rig.Map(task, At + (3 * rig.Page), 1);
        Assert.Equal((long)At, Mremap(rig, task, At, 2, 3, 0).Value);
        Assert.Equal(1, task.Mm.Vmas.Tree.Count);
    }

    [Fact]
    public void DONTUNMAP_leaves_the_old_range_mapped_and_empty()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 1);
        rig.Store(task, At, 4);
        ulong to = (ulong)Mremap(rig, task, At, 1, 1, Move | (ulong)MremapFlags.DontUnmap).Value;
        Assert.Equal(4UL, rig.Load(task, to));
        Assert.Equal(0UL, rig.Load(task, At));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_DONTUNMAP_left_empty_stays_apart_from_neighbours_that_it_could_join(bool isLocked)
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 1);
        rig.Map(task, At + rig.Page, 1);
        ulong moved = isLocked ? At : At + rig.Page;
        rig.Call(task, SyscallNr.Mlock, At, rig.Page);
        rig.Store(task, At + rig.Page, 4);
        if (!isLocked)
            rig.Call(task, SyscallNr.Munlock, At, rig.Page);
        Assert.True(Mremap(rig, task, moved, 1, 1, Move | (ulong)MremapFlags.DontUnmap).Value > 0);
        Vma lower = task.Mm.Vmas.Tree.FindContaining(At)!;
        Vma upper = task.Mm.Vmas.Tree.FindContaining(At + rig.Page)!;
        Assert.NotSame(lower, upper);
        Assert.True(VmaMergeRules.CanMerge(lower, upper));
        Assert.True(upper.LeftUnmerged);
    }

    [Fact]
    public void An_old_length_of_zero_duplicates_shared_memory()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 1, flags: MapFlags.Shared | MapFlags.Anonymous);
        rig.Store(task, At, 6);
        ulong to = (ulong)Mremap(rig, task, At, 0, 1, Move).Value;
        Assert.Equal(6UL, rig.Load(task, to));
        rig.Store(task, to, 8);
        Assert.Equal(8UL, rig.Load(task, At));
    }

    [Fact]
    public void A_move_of_one_size_takes_several_mappings_along_with_the_holes_between()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 1);
        rig.Map(task, At + (2 * rig.Page), 1, ProtFlags.Read);
        rig.Store(task, At, 9);
        Assert.Equal((long)To, Mremap(rig, task, At, 3, 3, MoveTo, To).Value);
        Assert.Equal(9UL, rig.Load(task, To));
        Assert.Null(task.Mm.Vmas.Tree.FindContaining(To + rig.Page));
        Assert.NotNull(task.Mm.Vmas.Tree.FindContaining(To + (2 * rig.Page)));
        Assert.Equal(2, task.Mm.Vmas.Tree.Count);
    }

    [Fact]
    public void A_segment_of_System_V_is_not_moved_with_others()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        ulong id = (ulong)rig.Call(task, SyscallNr.Shmget, 0, 2 * rig.Page, 0x180).Value;
        Assert.Equal((long)At, rig.Call(task, SyscallNr.Shmat, id, At).Value);
        rig.Map(task, At + (2 * rig.Page), 1);
        Assert.Equal(Errno.EFAULT, Mremap(rig, task, At, 3, 3, MoveTo, To).Errno);
        Assert.Equal(Errno.EFAULT, Mremap(rig, task, At + rig.Page, 2, 2, MoveTo, To).Errno);
        Assert.Equal((long)To, Mremap(rig, task, At, 2, 2, MoveTo, To).Value);
    }

    [Fact]
    public void Where_memory_for_tables_is_out_everything_stays_where_it_was()
    {
        using var rig = new KernelRig(megabytes: 4, vm: KernelRig.PromisesAll);
        TaskStruct task = rig.Start();
        rig.Map(task, At, 4000);
        rig.Store(task, At, 9);
        long tables = task.Mm.PageTablePages;
        var cost = default(WorkCost);
        while (!rig.Memory.Tables.AllocTable(task.Mm, 0, ref cost).IsNone)
            tables++;

        ulong far = 1UL << 44;
        Mremap(rig, task, At, 2, 2, MoveTo, far);
        Assert.Equal(TaskState.WaitingForMemory, task.State);
        Assert.Equal(SyscallNr.Mremap, task.CallToRepeat!.Value.Nr);
        Assert.Equal(9UL, rig.Load(task, At));
        Assert.Equal(tables, task.Mm.PageTablePages);
        Assert.Null(task.Mm.Vmas.Tree.FindContaining(far));
    }

    private static SyscallResult Mremap(KernelRig rig, TaskStruct task, ulong at, ulong oldPages, ulong pages,
        ulong flags, ulong to = 0)
    {
        SyscallResult result = rig.Call(task, SyscallNr.Mremap, at, oldPages * rig.Page, pages * rig.Page, flags, to);
        task.Mm.Vmas.Validate();
        return result;
    }
}
