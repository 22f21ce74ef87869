using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Fault;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.Fault;

public class PageFaultSpec
{
    private const ulong At = KernelRig.Arena;

    public static TheoryData<string> Geometries => [.. PagingGeometry.All.Select(g => g.Name)];

    [Theory, MemberData(nameof(Geometries))]
    public void A_first_store_gets_a_frame_of_zeros_of_its_own(string geometry)
    {
        using var rig = new KernelRig(PagingGeometry.ByName(geometry));
        TaskStruct task = rig.Start();
        rig.Map(task, At, 2);
        Assert.Equal(FaultKind.AnonZeroFill, rig.Fault(task, At, AccessKind.Write));
        Assert.Equal(0UL, rig.Load(task, At));
        PageFrame frame = rig.Memory.Map[rig.FrameAt(task.Mm, At)];
        Assert.Equal((1, 1, FramePlace.Anon), (frame.RefCount, frame.MapCount, frame.Place));
        Assert.Equal(1, task.Mm.RssAnon);
        Assert.Equal(1, task.Group.MinFlt);
    }

    [Theory, MemberData(nameof(Geometries))]
    public void A_page_read_first_is_the_zero_page_until_it_is_written(string geometry)
    {
        using var rig = new KernelRig(PagingGeometry.ByName(geometry));
        TaskStruct task = rig.Start();
        rig.Map(task, At, 2);
        Assert.Equal(FaultKind.ZeroPageRead, rig.Fault(task, At, AccessKind.Read));
        Assert.Equal(rig.Memory.ZeroPage, rig.FrameAt(task.Mm, At));
        Assert.Equal(0, task.Mm.Rss);
        Assert.Equal(FaultKind.ZeroPageCow, rig.Fault(task, At, AccessKind.Write));
        Assert.NotEqual(rig.Memory.ZeroPage, rig.FrameAt(task.Mm, At));
        Assert.Equal(1, task.Mm.RssAnon);
    }

    [Fact]
    public void A_kernel_without_a_zero_page_gives_a_frame_to_the_first_load_and_no_fault_to_the_store_after_it()
    {
        using var rig = new KernelRig(vm: new VmSettings { PcpHighPages = 0, ZeroPage = false });
        TaskStruct task = rig.Start();
        rig.Map(task, At, 1);
        Assert.Equal(FaultKind.AnonZeroFill, rig.Fault(task, At, AccessKind.Read));
        Assert.NotEqual(rig.Memory.ZeroPage, rig.FrameAt(task.Mm, At));
        Assert.Equal(1, task.Mm.RssAnon);
        PteFormat format = rig.Geometry.Format;
        Assert.Equal(format.Write | format.Dirty, rig.Entry(task.Mm, At) & (format.Write | format.Dirty));
    }

    [Theory, MemberData(nameof(Geometries))]
    public void After_fork_the_first_writer_copies_and_the_last_owner_reuses(string geometry)
    {
        using var rig = new KernelRig(PagingGeometry.ByName(geometry));
        TaskStruct parent = rig.Start();
        rig.Map(parent, At, 1);
        rig.Store(parent, At, 7);
        TaskStruct child = rig.Fork(parent);
        Pfn both = rig.FrameAt(parent.Mm, At);
        Assert.Equal(both, rig.FrameAt(child.Mm, At));
        Assert.Equal(2, rig.Memory.Map[both].MapCount);
        Assert.Equal(FaultKind.CowCopy, rig.Fault(child, At, AccessKind.Write));
        Assert.NotEqual(both, rig.FrameAt(child.Mm, At));
        Assert.Equal(7UL, rig.Load(child, At));
        Assert.Equal(FaultKind.CowReuse, rig.Fault(parent, At, AccessKind.Write));
        Assert.Equal(both, rig.FrameAt(parent.Mm, At));
    }

    [Fact]
    public void The_page_of_an_ended_sibling_is_reused()
    {
        using var rig = new KernelRig();
        TaskStruct parent = rig.Start();
        rig.Map(parent, At, 1);
        rig.Store(parent, At, 7);
        TaskStruct child = rig.Fork(parent);
        rig.Exit(child);
        Assert.Equal(FaultKind.CowReuse, rig.Fault(parent, At, AccessKind.Write));
        Assert.Equal(7UL, rig.Load(parent, At));
    }

    [Fact]
    public void Without_hardware_bits_a_clean_page_faults_once_more_to_be_marked()
    {
        using var rig = new KernelRig(PagingGeometry.Alpha);
        PteFormat format = PteFormat.Alpha;
        TaskStruct task = rig.Start();
        rig.Map(task, At, 1, flags: MapFlags.Shared | MapFlags.Anonymous);
        rig.Load(task, At);
        Assert.Equal(0UL, rig.Entry(task.Mm, At) & format.Dirty);
        Assert.NotEqual(0UL, rig.Entry(task.Mm, At) & format.Write);
        Assert.Equal(FaultKind.AccessedDirty, rig.Fault(task, At, AccessKind.Write));
        Assert.NotEqual(0UL, rig.Entry(task.Mm, At) & format.Dirty);
    }

    [Fact]
    public void With_hardware_bits_it_is_a_spurious_fault_at_most()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 1);
        rig.Store(task, At, 1);
        Assert.Equal(FaultKind.Spurious, rig.Fault(task, At, AccessKind.Write));
    }

    [Fact]
    public void A_private_file_page_is_read_from_the_cache_and_copied_when_written()
    {
        using var rig = new KernelRig();
        TaskStruct writer = rig.Start();
        TaskStruct reader = rig.Start();
        rig.Map(writer, At, 4, file: "/data");
        rig.Map(reader, At, 4, file: "/data");
        Assert.Equal(FaultKind.FileRead, rig.Fault(reader, At, AccessKind.Read));
        Assert.Equal(FaultKind.FileCow, rig.Fault(writer, At, AccessKind.Write));
        rig.Store(writer, At, 9);
        Assert.Equal(0UL, rig.Load(reader, At));
        Assert.Equal((1L, 0L), (writer.Mm.RssAnon, writer.Mm.RssFile));
        Assert.Equal(FaultKind.FileRead, rig.Fault(writer, At + rig.Page, AccessKind.Read));
        Assert.Equal(FaultKind.CowCopy, rig.Fault(writer, At + rig.Page, AccessKind.Write));
    }

    [Fact]
    public void Forked_processes_see_one_page_of_shared_memory()
    {
        using var rig = new KernelRig();
        TaskStruct parent = rig.Start();
        rig.Map(parent, At, 2, flags: MapFlags.Shared | MapFlags.Anonymous);
        TaskStruct child = rig.Fork(parent);
        rig.Store(child, At, 5);
        Assert.Equal(5UL, rig.Load(parent, At));
        rig.Exit(child);
        Assert.Equal(5UL, rig.Load(parent, At));
        Assert.Equal(1, rig.Cache.PageCount);
        rig.Exit(parent);
        Assert.Equal(0, rig.Cache.PageCount);
    }

    [Theory]
    [InlineData(AccessKind.Read, ProtFlags.None)]
    [InlineData(AccessKind.Write, ProtFlags.Read)]
    [InlineData(AccessKind.Execute, ProtFlags.Read | ProtFlags.Write)]
    public void An_access_that_the_mapping_does_not_allow_is_SEGV_ACCERR(AccessKind access, ProtFlags prot)
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 1, prot);
        Assert.False(rig.Access(task, At + 8, access));
        Assert.Equal((Signal.SigSegv, SignalCode.SegvAccErr, At + 8),
            (task.Group.ExitSignal, task.Group.ExitSignalCode, task.Group.ExitSignalAddress));
    }

    [Fact]
    public void What_may_be_written_or_executed_may_be_read()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 1, ProtFlags.Write);
        rig.Map(task, At + rig.Page, 1, ProtFlags.Exec);
        Assert.True(rig.Access(task, At, AccessKind.Read));
        Assert.True(rig.Access(task, At + rig.Page, AccessKind.Read));
    }

    [Fact]
    public void An_access_outside_every_mapping_is_SEGV_MAPERR_at_its_address()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        Assert.False(rig.Access(task, At + 8, AccessKind.Read));
        Assert.Equal((SignalCode.SegvMapErr, At + 8), (task.Group.ExitSignalCode, task.Group.ExitSignalAddress));
        Assert.True(task.Group.IsDead);
    }

    [Fact]
    public void A_non_canonical_address_is_a_general_protection_fault()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Fault(task, 0x8000_0000_0000_0000, AccessKind.Read, nonCanonical: true);
        Assert.Equal((Signal.SigSegv, SignalCode.SiKernel, 0UL),
            (task.Group.ExitSignal, task.Group.ExitSignalCode, task.Group.ExitSignalAddress));
    }

    [Theory]
    [InlineData(0, 40, 20, 16, 32)] // aligned window
    [InlineData(18, 40, 20, 18, 34)] // starts with the VMA
    [InlineData(16, 24, 20, 16, 24)] // ends with the VMA
    [InlineData(496, 600, 511, 496, 512)] // ends with the table
    [InlineData(500, 600, 513, 512, 528)] // begins with the table
    public void A_read_fault_maps_the_window_around_it(int start, int end, int fault, int from, int to)
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        const ulong two = 2UL << 20;
        ulong origin = KernelRig.Arena & ~(two - 1);
        rig.Map(task, origin + ((ulong)start * rig.Page), (ulong)(end - start), ProtFlags.Read, file: "/data");
        rig.Fault(task, origin + ((ulong)fault * rig.Page), AccessKind.Read);
        int[] mapped = [.. Enumerable.Range(0, 640).Where(i => rig.Entry(task.Mm, origin + ((ulong)i * 4096)) != 0)];
        Assert.Equal(Enumerable.Range(from, to - from), mapped);
    }
}
