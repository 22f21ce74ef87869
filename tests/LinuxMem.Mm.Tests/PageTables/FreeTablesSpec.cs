using LinuxMem.Abi;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;

namespace LinuxMem.Mm.Tests.PageTables;

public class FreeTablesSpec
{
    public static TheoryData<string> Geometries => [.. PagingGeometry.All.Select(g => g.Name)];

    [Theory, MemberData(nameof(Geometries))]
    public void Without_a_mapping_only_the_root_is_left(string geometry)
    {
        using var rig = new KernelRig(PagingGeometry.ByName(geometry));
        TaskStruct task = rig.Start();
        rig.Map(task, KernelRig.Arena, 3);
        rig.Store(task, KernelRig.Arena, 1);
        int levels = rig.Geometry.Levels.Length;
        Assert.Equal(levels, task.Mm.PageTablePages);
        rig.Call(task, SyscallNr.Munmap, KernelRig.Arena, 3 * rig.Page);
        Assert.Equal(1, task.Mm.PageTablePages);
    }

    [Theory, MemberData(nameof(Geometries))]
    public void A_table_stays_while_a_mapping_is_left_in_its_span(string geometry)
    {
        using var rig = new KernelRig(PagingGeometry.ByName(geometry));
        TaskStruct task = rig.Start();
        ulong span = rig.Geometry.Levels[^2].SpanBytes;
        ulong start = (KernelRig.Arena + span) & ~(span - 1);
        rig.Map(task, start - rig.Page, 4);
        for (ulong i = 0; i < 4; i++)
            rig.Store(task, start + (i * rig.Page) - rig.Page, i);
        long tables = task.Mm.PageTablePages;
        rig.Call(task, SyscallNr.Munmap, start, 2 * rig.Page);
        Assert.Equal(tables, task.Mm.PageTablePages);
        rig.Call(task, SyscallNr.Munmap, start + (2 * rig.Page), rig.Page);
        Assert.Equal(tables - 1, task.Mm.PageTablePages);
        Assert.Equal(0UL, rig.Load(task, start - rig.Page));
    }
}
