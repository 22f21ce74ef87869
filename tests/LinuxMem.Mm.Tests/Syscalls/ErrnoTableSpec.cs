using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;

namespace LinuxMem.Mm.Tests.Syscalls;

/// <summary>Results measured on Linux 6.18 (x86-64, root), and those that its source gives.</summary>
public class ErrnoTableSpec
{
    // Two pages are mapped at Base, one more (shared) at Base + 4 pages; holes elsewhere.
    private const ulong Base = KernelRig.Arena;
    private const ulong Page = 4096;
    private const ulong Hole = Base + (16 * Page);
    private const ulong Private = (ulong)(MapFlags.Private | MapFlags.Anonymous);
    private const ulong Fixed = Private | (ulong)MapFlags.Fixed;
    private const ulong Move = (ulong)MremapFlags.MayMove;
    private const ulong MoveTo = Move | (ulong)MremapFlags.Fixed;
    private const ulong Keep = Move | (ulong)MremapFlags.DontUnmap;

    [Theory]
    [InlineData(Base + 1, Page, 3UL, Fixed, 0UL, Errno.EINVAL)]
    [InlineData(0UL, 0UL, 3UL, Private, 0UL, Errno.EINVAL)]
    [InlineData(Base, Page, 3UL, Private | 0x100000, 0UL, Errno.EEXIST)]
    [InlineData(Hole, Page, 3UL, Private | 0x100000, 0UL, Errno.None)]
    [InlineData(0UL, Page, 3UL, 0x20UL, 0UL, Errno.EINVAL)]
    [InlineData(0UL, Page, 3UL, 0x23UL, 0UL, Errno.EINVAL)]
    [InlineData(0UL, Page, 3UL, 0x0UL, 0UL, Errno.EBADF)]
    [InlineData(0UL, Page, 3UL, 0x2UL, 0UL, Errno.EBADF)]
    [InlineData(0UL, Page, 3UL, Private, 1UL, Errno.EINVAL)]
    [InlineData(0UL, 1UL << 47, 3UL, Private, 0UL, Errno.ENOMEM)]
    [InlineData(0UL, ulong.MaxValue, 3UL, Private, 0UL, Errno.ENOMEM)]
    [InlineData(0x7fff_ffff_f000UL, Page, 3UL, Fixed, 0UL, Errno.ENOMEM)]
    [InlineData(0x1000UL, Page, 3UL, Fixed, 0UL, Errno.None)]
    [InlineData(0UL, Page, 3UL, Fixed, 0UL, Errno.None)]
    public void Mmap(ulong at, ulong length, ulong prot, ulong flags, ulong offset, Errno expected) =>
        Check(expected, SyscallNr.Mmap, at, length, prot, flags, ulong.MaxValue, offset);

    [Theory]
    [InlineData(Base + 1, Page, Errno.EINVAL)]
    [InlineData(Hole, Page, Errno.None)]
    [InlineData(Base, 0UL, Errno.EINVAL)]
    [InlineData(Base, 1UL, Errno.None)]
    [InlineData(0x7fff_ffff_f000UL, Page, Errno.EINVAL)]
    [InlineData(Base, ulong.MaxValue, Errno.EINVAL)]
    public void Munmap(ulong start, ulong length, Errno expected) => Check(expected, SyscallNr.Munmap, start, length);

    [Theory]
    [InlineData(Base + 1, Page, 1UL, Errno.EINVAL)]
    [InlineData(Base, 0UL, 1UL, Errno.None)]
    [InlineData(Base, 0UL, 0x77UL, Errno.None)]
    [InlineData(Hole, Page, 1UL, Errno.ENOMEM)]
    [InlineData(Base, 3 * Page, 1UL, Errno.ENOMEM)]
    [InlineData(Base, Page, 0x10UL, Errno.EINVAL)]
    [InlineData(Base, Page, 0x9UL, Errno.None)]
    [InlineData(Base, ulong.MaxValue, 1UL, Errno.ENOMEM)]
    [InlineData(Base, Page, 0x0300_0001UL, Errno.EINVAL)]
    [InlineData(Base, Page, 0x0100_0001UL, Errno.EINVAL)]
    [InlineData(Base, Page, 0x0200_0001UL, Errno.EINVAL)]
    public void Mprotect(ulong start, ulong length, ulong prot, Errno expected) =>
        Check(expected, SyscallNr.Mprotect, start, length, prot);

    [Theory]
    [InlineData(Hole, Page, 4UL, Errno.ENOMEM)]
    [InlineData(Base, 6 * Page, 4UL, Errno.ENOMEM)]
    [InlineData(Base, 2 * Page, 4UL, Errno.None)]
    [InlineData(Base, 0UL, 4UL, Errno.None)]
    [InlineData(Base, 0UL, 77UL, Errno.EINVAL)]
    [InlineData(Base, Page, 77UL, Errno.EINVAL)]
    [InlineData(Base + 1, Page, 4UL, Errno.EINVAL)]
    [InlineData(Base, ulong.MaxValue, 4UL, Errno.EINVAL)]
    [InlineData(Base, Page, 8UL, Errno.None)]
    [InlineData(Base + (4 * Page), Page, 8UL, Errno.EINVAL)]
    [InlineData(Base + (4 * Page), Page, 18UL, Errno.EINVAL)]
    [InlineData(Base, Page, 20UL, Errno.None)]
    [InlineData(Base, Page, 21UL, Errno.None)]
    public void Madvise(ulong start, ulong length, ulong advice, Errno expected) =>
        Check(expected, SyscallNr.Madvise, start, length, advice);

    [Theory]
    [InlineData(Hole, Page, 2 * Page, Move, 0UL, Errno.EFAULT)]
    [InlineData(Base, Page, 2 * Page, 0UL, 0UL, Errno.ENOMEM)]
    [InlineData(Base, 2 * Page, 3 * Page, 0UL, 0UL, Errno.None)]
    [InlineData(Base, 2 * Page, 5 * Page, 0UL, 0UL, Errno.ENOMEM)]
    [InlineData(Base, 3 * Page, 4 * Page, Move, 0UL, Errno.EFAULT)]
    [InlineData(Base, Page, 0UL, Move, 0UL, Errno.EINVAL)]
    [InlineData(Base, Page, Page, 8UL, 0UL, Errno.EINVAL)]
    [InlineData(Base + 1, Page, Page, Move, 0UL, Errno.EINVAL)]
    [InlineData(Base, Page, Page, 2UL, Hole, Errno.EINVAL)]
    [InlineData(Base, Page, Page, MoveTo, Hole + 1, Errno.EINVAL)]
    [InlineData(Base, 2 * Page, 2 * Page, MoveTo, Base + Page, Errno.EINVAL)]
    [InlineData(Base, Page, Page, MoveTo, 0x7fff_ffff_f000UL, Errno.EINVAL)]
    [InlineData(Base, Page, 2 * Page, Keep, 0UL, Errno.EINVAL)]
    [InlineData(Base, Page, Page, Keep, 0UL, Errno.None)]
    [InlineData(Base, 0UL, Page, Move, 0UL, Errno.EINVAL)]
    [InlineData(Base + (4 * Page), 0UL, Page, Move, 0UL, Errno.None)]
    [InlineData(Hole, Page, Page, MoveTo, Base, Errno.EFAULT)]
    [InlineData(Base, 5 * Page, 5 * Page, MoveTo, Hole, Errno.None)]
    [InlineData(Base, 5 * Page, 6 * Page, MoveTo, Hole, Errno.EFAULT)]
    [InlineData(Base, 9 * Page, Page, 0UL, 0UL, Errno.None)]
    public void Mremap(ulong start, ulong oldLength, ulong length, ulong flags, ulong to, Errno expected) =>
        Check(expected, SyscallNr.Mremap, start, oldLength, length, flags, to);

    private static void Check(Errno expected, SyscallNr nr, ulong a0, ulong a1, ulong a2 = 0, ulong a3 = 0,
        ulong a4 = 0, ulong a5 = 0)
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, Base, 2);
        rig.Map(task, Base + (4 * Page), 1, flags: MapFlags.Shared | MapFlags.Anonymous);
        Assert.Equal(expected, rig.Call(task, nr, a0, a1, a2, a3, a4, a5).Errno);
        task.Mm.Vmas.Validate();
    }
}
