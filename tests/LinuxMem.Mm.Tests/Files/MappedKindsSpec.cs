using LinuxMem.Abi;

namespace LinuxMem.Mm.Tests.Files;

/// <summary>What mmap says to descriptors of what is no file, as Linux 6.18 was seen to say it.</summary>
public class MappedKindsSpec
{
    private const MapFlags Private = MapFlags.Private;
    private const MapFlags Shared = MapFlags.Shared;

    [Theory]
    [InlineData(ExternalKind.Anonymous, true, 2, ProtFlags.Read, Private, Errno.ENODEV)]
    [InlineData(ExternalKind.Anonymous, true, 2, ProtFlags.Exec, Private, Errno.EPERM)]
    [InlineData(ExternalKind.Anonymous, true, 0, ProtFlags.Write, Shared, Errno.EACCES)]
    [InlineData(ExternalKind.Anonymous, true, 0, ProtFlags.Write | ProtFlags.Exec, Shared, Errno.EACCES)]
    [InlineData(ExternalKind.Stream, true, 2, ProtFlags.Exec, Private, Errno.EPERM)]
    [InlineData(ExternalKind.Stream, true, 1, ProtFlags.Exec, Private, Errno.EACCES)]
    [InlineData(ExternalKind.Stream, false, 2, ProtFlags.Exec, Private, Errno.ENODEV)]
    [InlineData(ExternalKind.Directory, false, 0, ProtFlags.Exec, Private, Errno.ENODEV)]
    [InlineData(ExternalKind.Directory, true, 0, ProtFlags.Exec, Private, Errno.EPERM)]
    public void What_cannot_be_mapped_says_so_in_the_order_of_the_checks(
        ExternalKind kind, bool deniesExec, int access, ProtFlags prot, MapFlags type, Errno error)
    {
        using var rig = new FileRig();
        int fd = rig.Open("thing", access, new ExternalFile(kind) { DeniesExec = deniesExec });
        Assert.Equal(-(long)error, rig.Call(SyscallNr.Mmap, 0, 4096, (ulong)prot, (ulong)type, (ulong)fd));
    }

    [Fact]
    public void Execute_rights_that_the_personality_implies_are_not_asked_of_a_file_system_that_denies_them()
    {
        using var rig = new FileRig();
        int fd = rig.Open("thing", 2, new ExternalFile(ExternalKind.Anonymous) { DeniesExec = true });
        rig.Call(SyscallNr.Personality, 0x0040_0000); // READ_IMPLIES_EXEC
        Assert.Equal(-(long)Errno.ENODEV,
            rig.Call(SyscallNr.Mmap, 0, 4096, (ulong)ProtFlags.Read, (ulong)MapFlags.Private, (ulong)fd));
    }

    [Fact]
    public void The_limit_of_open_files_is_that_of_the_process()
    {
        using var rig = new FileRig();
        const ulong openFiles = 7;
        int fd = rig.Open("f");
        Assert.Equal(19_988, rig.Call(SyscallNr.Fcntl, (ulong)fd, 0, 19_988));
        Assert.Equal(0, rig.Call(SyscallNr.Prlimit64, 0, openFiles, 0, 0, operands: new SyscallOperands
        {
            Words = [64, 20_000],
            BuffersUnknown = true,
        }));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Fcntl, (ulong)fd, 0, 64));
        Assert.Equal(63, rig.Call(SyscallNr.Fcntl, (ulong)fd, 0, 63));
        Assert.Equal(-(long)Errno.EMFILE, rig.Call(SyscallNr.Fcntl, (ulong)fd, 0, 63));
    }

    [Fact]
    public void A_ring_of_asynchronous_requests_is_mapped_moved_and_unmapped_as_a_whole()
    {
        using var rig = new FileRig();
        ulong before = (ulong)rig.Call(SyscallNr.Mmap, 0, 4096, 1, (ulong)(MapFlags.Private | MapFlags.Anonymous));
        Assert.Equal(0, rig.Call(SyscallNr.IoSetup, 128));
        ulong ring = before - 0x3000; // (2 * 128 + 2) events and a header of 32 bytes each
        Assert.Equal("/[aio] (deleted)", rig.Task.Mm.Vmas.Tree.FindContaining(ring)!.File!.Path);
        ulong target = before - 0x100_0000;
        Assert.Equal((long)target, rig.Call(SyscallNr.Mremap, ring, 0x3000, 0x3000, 3, target));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.IoDestroy, ring));
        Assert.Equal(0, rig.Call(SyscallNr.IoDestroy, target));
        Assert.Null(rig.Task.Mm.Vmas.Tree.FindContaining(target));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.IoSetup, 0));
        Assert.Equal(-(long)Errno.EAGAIN, rig.Call(SyscallNr.IoSetup, 0x10001));
    }

    [Theory]
    [InlineData(21, 0x20, true, Errno.ENOMEM)]
    [InlineData(21, 0x20, false, Errno.EPERM)]
    [InlineData(63, 0x20, false, Errno.EINVAL)]
    public void A_segment_of_huge_pages_is_refused_as_where_none_are_set_aside(
        int log2, ulong key, bool mayLock, Errno error)
    {
        using var rig = new FileRig();
        if (!mayLock)
            rig.Call(SyscallNr.Setuid, 1000);
        Assert.Equal(-(long)error,
            rig.Call(SyscallNr.Shmget, key, 4096, 0x800 | 0x200 | ((ulong)log2 << 26)));
    }
}
