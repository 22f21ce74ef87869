using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Tests.Files.Names;

/// <summary>Directories, links and the way along a path.</summary>
public sealed class NamesSpec : IDisposable
{
    private const ulong AtFdCwd = unchecked((ulong)-100);
    private const ulong Text = FileRig.Buffer;
    private readonly FileRig rig = new();

    public void Dispose() => rig.Dispose();

    [Fact]
    public void A_directory_is_made_filled_emptied_and_taken_away()
    {
        Assert.Equal(0, Make("/d"));
        Assert.Equal(Error(Errno.EEXIST), Make("/d"));
        Assert.Equal(0, Make("/d/e"));
        Close(rig.Open("/d/e/f"));
        Assert.Equal(Error(Errno.ENOTEMPTY), Call(SyscallNr.Rmdir, "/d/e"));
        Assert.Equal(Error(Errno.EISDIR), Call(SyscallNr.Unlink, "/d/e"));
        Assert.Equal(Error(Errno.ENOTDIR), Call(SyscallNr.Rmdir, "/d/e/f"));
        Assert.Equal(Error(Errno.ENOTDIR), Call(SyscallNr.Unlink, "/d/e/f/"));
        Assert.Equal(0, Call(SyscallNr.Unlink, "/d/e/f"));
        Assert.Equal(Error(Errno.EINVAL), Call(SyscallNr.Rmdir, "/d/e/."));
        Assert.Equal(Error(Errno.ENOTEMPTY), Call(SyscallNr.Rmdir, "/d/e/.."));
        Assert.Equal(0, Call(SyscallNr.Rmdir, "/d/e/"));
        Assert.Equal(Error(Errno.ENOENT), Call(SyscallNr.Rmdir, "/d/e"));
        Assert.Equal(Error(Errno.ENOENT), rig.Open("/d/e/f"));
    }

    [Fact]
    public void A_path_through_a_file_or_through_nothing_leads_nowhere()
    {
        Make("/d");
        Close(rig.Open("/d/f"));
        Assert.Equal(Error(Errno.ENOTDIR), rig.Open("/d/f/g"));
        Assert.Equal(Error(Errno.ENOENT), rig.Open("/d/none/g"));
        Assert.Equal(Error(Errno.ENOENT), Make("/d/none/g"));
        Assert.Equal(Error(Errno.ENAMETOOLONG), rig.Open("/d/" + new string('x', 256)));
        Assert.Equal(Error(Errno.EISDIR), rig.Open("/d"));
        Assert.Equal(Error(Errno.ENOTDIR), rig.Open("/d/f", 0x10000));
    }

    [Fact]
    public void Links_are_followed_but_where_they_are_not_to_be()
    {
        Make("/d");
        Close(rig.Open("/d/f"));
        Assert.Equal(0, Call(SyscallNr.Symlink, "d", path2: "/l"));
        Assert.Equal(0, Call(SyscallNr.Access, "/l/f"));
        Assert.Equal(0, Call(SyscallNr.Symlink, "../d/f", path2: "/d/m"));
        int fd = rig.Open("/l/m", FileRig.ReadWrite);
        Assert.True(fd >= 0);
        Assert.Equal(Error(Errno.ELOOP), rig.Open("/l/m", 0x20000));
        Assert.Equal(1, Call(SyscallNr.Readlink, "/l", Text, 100));
        Assert.Equal(Error(Errno.EINVAL), Call(SyscallNr.Readlink, "/d", Text, 100));
        Assert.Equal(Error(Errno.EINVAL), Call(SyscallNr.Readlink, "/l", Text, 0));
        Assert.Equal(Error(Errno.ENOTDIR), Call(SyscallNr.Rmdir, "/l"));
        Assert.Equal(0, Call(SyscallNr.Symlink, "/loop", path2: "/loop"));
        Assert.Equal(Error(Errno.ELOOP), Call(SyscallNr.Access, "/loop"));
        Assert.Equal(Error(Errno.EEXIST), Call(SyscallNr.Symlink, "x", path2: "/l"));
        Assert.Equal(Error(Errno.EEXIST), rig.Open("/l", FileRig.ReadWrite | FileRig.Create | 0x80));
    }

    [Fact]
    public void A_renamed_directory_takes_what_is_in_it_along()
    {
        Make("/a");
        Make("/a/b");
        int fd = rig.Open("/a/b/f");
        Assert.Equal(Error(Errno.EINVAL), Call(SyscallNr.Rename, "/a", path2: "/a/b/c"));
        Assert.Equal(Error(Errno.ENOTEMPTY), Call(SyscallNr.Rename, "/a/b", path2: "/a"));
        Assert.Equal(0, Call(SyscallNr.Rename, "/a", path2: "/z"));
        Assert.Equal(0, Call(SyscallNr.Access, "/z/b/f"));
        Assert.Equal(Error(Errno.ENOENT), Call(SyscallNr.Access, "/a/b/f"));
        Assert.Equal(Error(Errno.ENOENT), rig.Open("/a/new"));
        Make("/y");
        Assert.Equal(Error(Errno.ENOTEMPTY), Call(SyscallNr.Rename, "/y", path2: "/z"));
        Assert.Equal(0, Call(SyscallNr.Rename, "/z", path2: "/y"));
        Assert.Equal(Error(Errno.ENOTEMPTY), Call(SyscallNr.Rename, "/y/b/f", path2: "/y/b"));
        Assert.Equal(Error(Errno.EINVAL), Call(SyscallNr.Rename, "/y/b", path2: "/y/b/f"));
        Close(rig.Open("/y/g"));
        Assert.Equal(Error(Errno.EISDIR), Call(SyscallNr.Rename, "/y/g", path2: "/y/b"));
        Assert.Equal(Error(Errno.ENOTDIR), Call(SyscallNr.Rename, "/y/b", path2: "/y/g"));
        Close(fd);
    }

    [Fact]
    public void Two_names_may_change_places()
    {
        Make("/d");
        Close(rig.Open("/d/f"));
        Close(rig.Open("/g"));
        var both = new SyscallOperands { Path = "/d", Path2 = "/g" };
        Assert.Equal(0, rig.Call(SyscallNr.Renameat2, AtFdCwd, 0, AtFdCwd, 0, 2, operands: both));
        Assert.Equal(0, Call(SyscallNr.Access, "/g/f"));
        Assert.Equal(Error(Errno.ENOTDIR), Call(SyscallNr.Access, "/d/f"));
    }

    [Fact]
    public void A_file_has_as_many_links_as_names()
    {
        Make("/d");
        Close(rig.Open("/f"));
        Assert.Equal(0, Call(SyscallNr.Link, "/f", path2: "/d/g"));
        Assert.Equal(Error(Errno.EEXIST), Call(SyscallNr.Link, "/f", path2: "/d/g"));
        Assert.Equal(Error(Errno.EPERM), Call(SyscallNr.Link, "/d", path2: "/e"));
        Assert.Equal(Error(Errno.ENOENT), Call(SyscallNr.Link, "/none", path2: "/e"));
        Assert.Equal(0, Call(SyscallNr.Unlink, "/f"));
        Assert.Equal(0, Call(SyscallNr.Access, "/d/g"));
    }

    [Fact]
    public void A_working_directory_is_where_relative_paths_begin()
    {
        Make("/home");
        Make("/home/me");
        Assert.Equal(0, Call(SyscallNr.Chdir, "/home"));
        Assert.Equal(0, Call(SyscallNr.Chdir, "me"));
        Assert.Equal("/home/me".Length + 1, rig.Call(SyscallNr.Getcwd, Text, 100, operands: new SyscallOperands()));
        Assert.Equal(Error(Errno.ERANGE), rig.Call(SyscallNr.Getcwd, Text, 8, operands: new SyscallOperands()));
        Close(rig.Open("f"));
        Assert.Equal(0, Call(SyscallNr.Access, "/home/me/f"));
        Assert.Equal(0, Call(SyscallNr.Access, "../me/./f"));
        Assert.Equal(Error(Errno.ENOTDIR), Call(SyscallNr.Chdir, "f"));
        int up = rig.Open("..", 0x10000);
        Assert.Equal(0, rig.Call(SyscallNr.Fchdir, (ulong)up));
        Assert.Equal("/home".Length + 1, rig.Call(SyscallNr.Getcwd, Text, 100, operands: new SyscallOperands()));
        var relative = new SyscallOperands { Path = "me/f", BuffersUnknown = true };
        Assert.Equal(0, rig.Call(SyscallNr.Newfstatat, (ulong)up, operands: relative));
        Assert.Equal(Error(Errno.EBADF), rig.Call(SyscallNr.Newfstatat, 77, operands: relative));
    }

    [Fact]
    public void A_child_starts_where_its_parent_is_and_goes_its_own_way()
    {
        Make("/a");
        Make("/b");
        Call(SyscallNr.Chdir, "/a");
        TaskStruct parent = rig.Task;
        TaskStruct child = rig.Kernel.Fork(parent);
        rig.Task = child;
        Close(rig.Open("f"));
        Assert.Equal(0, Call(SyscallNr.Access, "/a/f"));
        Call(SyscallNr.Chdir, "/b");
        rig.Task = parent;
        Assert.Equal(0, Call(SyscallNr.Access, "f"));
    }

    [Fact]
    public void A_child_that_shares_its_place_takes_its_parent_along()
    {
        const CloneFlags sharesPlace = (CloneFlags)0x200; // CLONE_FS
        Make("/a");
        TaskStruct parent = rig.Task;
        rig.Task = rig.Kernel.Fork(parent, sharesPlace);
        Call(SyscallNr.Chdir, "/a");
        rig.Task = parent;
        Assert.Equal("/a".Length + 1, rig.Call(SyscallNr.Getcwd, Text, 100, operands: new SyscallOperands()));
    }

    [Fact]
    public void A_directory_lists_its_names_in_pieces_that_fit()
    {
        Make("/d");
        Close(rig.Open("/d/abc"));
        Make("/d/sub");
        int fd = rig.Open("/d", 0x10000);
        Assert.Equal(Error(Errno.EINVAL), rig.Call(SyscallNr.Getdents64, (ulong)fd, Text, 20));
        Assert.Equal(24, rig.Call(SyscallNr.Getdents64, (ulong)fd, Text, 40));
        Assert.Equal(24 * 3, rig.Call(SyscallNr.Getdents64, (ulong)fd, Text, 4096));
        Assert.Equal(0, rig.Call(SyscallNr.Getdents64, (ulong)fd, Text, 4096));
        Assert.Equal(Error(Errno.ENOTDIR), rig.Call(SyscallNr.Getdents64, (ulong)rig.Open("/d/abc"), Text, 4096));
        Assert.Equal(Error(Errno.EBADF), rig.Call(SyscallNr.Getdents64, 99, Text, 4096));
    }

    [Fact]
    public void Other_things_than_files_are_made_too()
    {
        Make("/d");
        Assert.Equal(0, Call(SyscallNr.Mknod, "/d/pipe", 0x11a4));
        Assert.Equal(0, Call(SyscallNr.Mknod, "/d/file", 0x81a4));
        Assert.Equal(Error(Errno.EEXIST), Call(SyscallNr.Mknod, "/d/pipe", 0x11a4));
        Assert.Equal(Error(Errno.EPERM), Call(SyscallNr.Mknod, "/d/x", 0x41ed));
        Assert.Equal(Error(Errno.EINVAL), Call(SyscallNr.Mknod, "/d/x", 0xf000));
    }

    private static long Error(Errno errno) => -(long)errno;

    private long Make(string path) => Call(SyscallNr.Mkdir, path, 0x1ed);

    private void Close(long fd) => Assert.Equal(0, rig.Call(SyscallNr.Close, (ulong)fd));

    private long Call(SyscallNr nr, string path, ulong a1 = 0, ulong a2 = 0, string? path2 = null) => rig.Call(
        nr, 0, a1, a2, operands: new SyscallOperands { Path = path, Path2 = path2 });
}
