using LinuxMem.Abi;
using LinuxMem.Mm.Tests.Files;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Tests.Syscalls;

/// <summary>The mark that guards leave on a mapping ("gu" in smaps), as a host with Linux 6.18 shows it.</summary>
public sealed class GuardFlagSpec : IDisposable
{
    private const ulong Install = 102;
    private const ulong Remove = 103;
    private const ulong At = 0x6000_0000;
    private const ulong Page = 4096;
    private readonly FileRig rig = new();

    public void Dispose() => rig.Dispose();

    [Fact]
    public void It_stays_when_the_guards_go_and_keeps_no_neighbours_apart()
    {
        Map(At, 10, MapFlags.Private);
        Advise(At, 1, Remove);
        Assert.False(IsMarked(At));
        Advise(At + Page, 1, Install);
        Advise(At + Page, 1, Remove);
        Assert.Equal(At + (10 * Page), Find(At).End);
        Assert.True(IsMarked(At));
        rig.Call(SyscallNr.Mprotect, At + (5 * Page), Page, (ulong)ProtFlags.Read);
        Assert.True(IsMarked(At + (5 * Page)));
        rig.Call(SyscallNr.Mprotect, At + (5 * Page), Page, (ulong)(ProtFlags.Read | ProtFlags.Write));
        Map(At + (10 * Page), 1, MapFlags.Private);
        Assert.Equal((At, At + (11 * Page)), (Find(At).Start, Find(At).End));
    }

    [Fact]
    public void A_mapping_between_a_marked_one_and_another_joins_both()
    {
        Map(At, 1, MapFlags.Private);
        Map(At + (2 * Page), 1, MapFlags.Private);
        Advise(At + (2 * Page), 1, Install);
        Map(At + Page, 1, MapFlags.Private);
        Assert.Equal((At, At + (3 * Page)), (Find(At).Start, Find(At).End));
        Assert.True(IsMarked(At));
        rig.Call(SyscallNr.Mremap, At, Page, Page, 3, At + (40 * Page));
        Assert.True(IsMarked(At + (40 * Page)));
    }

    [Fact]
    public void Fork_copies_the_tables_of_marked_mappings_even_where_faults_could_fill_them()
    {
        Map(At, 4, MapFlags.Shared);
        rig.Poke(At + Page, [1]);
        Assert.Equal(0, rig.Kernel.Fork(rig.Task).Mm.RssShmem);
        Advise(At, 1, Install);
        Assert.Equal(1, rig.Kernel.Fork(rig.Task).Mm.RssShmem);
    }

    [Fact]
    public void Guards_of_a_mapping_that_fork_wipes_are_not_handed_on()
    {
        Map(At, 1, MapFlags.Private);
        Advise(At, 1, Install);
        Advise(At, 1, 18);
        rig.Task = rig.Kernel.Fork(rig.Task);
        Assert.Equal([0], rig.Peek(At, 1));
    }

    private void Map(ulong at, ulong pages, MapFlags type) => Assert.Equal((long)at, rig.Call(SyscallNr.Mmap, at,
        pages * Page, (ulong)(ProtFlags.Read | ProtFlags.Write),
        (ulong)(type | MapFlags.Anonymous | MapFlags.Fixed), ulong.MaxValue));

    private void Advise(ulong at, ulong pages, ulong advice) =>
        Assert.Equal(0, rig.Call(SyscallNr.Madvise, at, pages * Page, advice));

    private Vma Find(ulong at) => rig.Task.Mm.Vmas.Tree.FindContaining(at)!;

    private bool IsMarked(ulong at) => (Find(at).Flags & VmFlags.MaybeGuard) != 0;
}
