using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Tests.Files.Names;

/// <summary>Who may do what with a file: owners, modes, and root, whom modes do not stop.</summary>
public sealed class PermissionSpec : IDisposable
{
    private const int ReadOnly = 0, WriteOnly = 1;
    private readonly FileRig rig = new();

    public void Dispose() => rig.Dispose();

    [Theory]
    [InlineData(0x180, 4, true)] // rw-------
    [InlineData(0x180, 6, true)]
    [InlineData(0x180, 1, false)]
    [InlineData(0x000, 6, true)]
    [InlineData(0x040, 1, true)] // --x for the owner is enough for root
    public void Root_is_stopped_only_from_running_what_nobody_may_run(int mode, ulong wanted, bool may)
    {
        Make("/f", (ulong)mode);
        Assert.Equal(may ? 0 : Error(Errno.EACCES), Call(SyscallNr.Access, "/f", wanted));
    }

    [Fact]
    public void Others_have_the_rights_of_others()
    {
        Make("/f", 0x1a4); // rw-r--r--
        Become(1000);
        Assert.Equal(0, Call(SyscallNr.Access, "/f", 4));
        Assert.Equal(Error(Errno.EACCES), Call(SyscallNr.Access, "/f", 2));
        Assert.Equal(Error(Errno.EACCES), rig.Open("/f", WriteOnly));
        Assert.True(rig.Open("/f", ReadOnly) >= 0);
        Assert.Equal(Error(Errno.EPERM), Call(SyscallNr.Chmod, "/f", 0x1ff));
        Assert.Equal(Error(Errno.EPERM), Call(SyscallNr.Chown, "/f", 1000, 1000));
        Assert.Equal(Error(Errno.EACCES), Call(SyscallNr.Truncate, "/f", 0));
    }

    [Fact]
    public void Names_in_a_directory_are_changed_by_who_may_write_it()
    {
        Assert.Equal(0, Call(SyscallNr.Mkdir, "/d", 0x1ed));
        Make("/d/f", 0x1b6);
        Become(1000);
        Assert.Equal(Error(Errno.EACCES), Call(SyscallNr.Unlink, "/d/f"));
        Assert.Equal(Error(Errno.EACCES), Call(SyscallNr.Mkdir, "/d/e", 0x1ed));
        Assert.Equal(Error(Errno.EACCES), rig.Open("/d/g"));
        Assert.Equal(0, Call(SyscallNr.Access, "/d/f", 4));
    }

    [Fact]
    public void A_directory_that_may_not_be_searched_hides_what_is_in_it()
    {
        Call(SyscallNr.Mkdir, "/d", 0x1c0); // rwx------
        Make("/d/f", 0x1b6);
        Become(1000);
        Assert.Equal(Error(Errno.EACCES), Call(SyscallNr.Access, "/d/f"));
        Assert.Equal(Error(Errno.EACCES), Call(SyscallNr.Chdir, "/d"));
    }

    [Fact]
    public void In_a_sticky_directory_everyone_takes_away_what_is_his()
    {
        Call(SyscallNr.Mkdir, "/tmp", 0x1ff);
        Call(SyscallNr.Chmod, "/tmp", 0x3ff);
        Make("/tmp/roots", 0x1b6);
        Become(1000);
        Make("/tmp/mine", 0x1b6);
        Assert.Equal(Error(Errno.EPERM), Call(SyscallNr.Unlink, "/tmp/roots"));
        Assert.Equal(0, Call(SyscallNr.Unlink, "/tmp/mine"));
    }

    [Fact]
    public void New_files_lack_what_the_umask_takes()
    {
        Assert.Equal(0x12, rig.Call(SyscallNr.Umask, 0x3f)); // 022, then 077
        Assert.Equal(0x3f, rig.Call(SyscallNr.Umask, 0x12));
        rig.Call(SyscallNr.Umask, 0x3f);
        Make("/f", 0x1ff);
        Become(1000);
        Assert.Equal(Error(Errno.EACCES), Call(SyscallNr.Access, "/f", 4));
    }

    [Fact]
    public void An_owner_gives_files_rights_but_not_away()
    {
        Make("/f", 0x180);
        Assert.Equal(0, Call(SyscallNr.Chown, "/f", 1000, 1000));
        Become(1000);
        Assert.Equal(0, Call(SyscallNr.Chmod, "/f", 0x1ff));
        Assert.Equal(Error(Errno.EPERM), Call(SyscallNr.Chown, "/f", 0, uint.MaxValue));
        Assert.Equal(0, Call(SyscallNr.Chown, "/f", 1000, uint.MaxValue));
        Assert.Equal(Error(Errno.EINVAL), Call(SyscallNr.Access, "/f", 8));
    }

    private static long Error(Errno errno) => -(long)errno;

    private void Become(uint uid) => rig.Task.Credentials = Credentials.Of(uid);

    private void Make(string path, ulong mode)
    {
        long fd = rig.Call(SyscallNr.Creat, 0, mode, operands: new SyscallOperands { Path = path });
        Assert.Equal(0, rig.Call(SyscallNr.Close, (ulong)fd));
    }

    private long Call(SyscallNr nr, string path, ulong a1 = 0, ulong a2 = 0) =>
        rig.Call(nr, 0, a1, a2, operands: new SyscallOperands { Path = path });
}
