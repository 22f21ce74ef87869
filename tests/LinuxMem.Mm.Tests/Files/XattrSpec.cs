using System.Text;
using LinuxMem.Abi;

namespace LinuxMem.Mm.Tests.Files;

/// <summary>Names with values that are attached to files, as ext4 and tmpfs keep them.</summary>
public class XattrSpec
{
    private const ulong Create = 1, Replace = 2;

    [Fact]
    public void A_value_is_attached_told_and_taken_away()
    {
        using var rig = new FileRig();
        ulong fd = (ulong)rig.Open("/f");
        Assert.Equal(-(long)Errno.ENODATA, Get(rig, fd, "user.a"));
        Assert.Equal(-(long)Errno.ENODATA, Set(rig, fd, "user.a", "xyz", Replace));
        Assert.Equal(0, Set(rig, fd, "user.a", "xyz", Create));
        Assert.Equal(-(long)Errno.EEXIST, Set(rig, fd, "user.a", "xyz", Create));
        Assert.Equal(3, Get(rig, fd, "user.a"));
        Assert.Equal("xyz", Encoding.ASCII.GetString(rig.Peek(FileRig.Buffer + 4096, 3)));
        Assert.Equal(-(long)Errno.ERANGE, Get(rig, fd, "user.a", room: 2));
        Assert.Equal(3, Get(rig, fd, "user.a", room: 0));
        Set(rig, fd, "trusted.b", "", 0);
        Assert.Equal("user.a\0trusted.b\0".Length, rig.Call(SyscallNr.Flistxattr, fd, 0, 0));
        Assert.Equal(-(long)Errno.ERANGE, rig.Call(SyscallNr.Flistxattr, fd, FileRig.Buffer, 5));
        Assert.Equal(0, Remove(rig, fd, "user.a"));
        Assert.Equal(-(long)Errno.ENODATA, Remove(rig, fd, "user.a"));
    }

    [Theory]
    [InlineData("system.a", Errno.EOPNOTSUPP)]
    [InlineData("foo", Errno.EOPNOTSUPP)]
    [InlineData("user.", Errno.EINVAL)]
    [InlineData("", Errno.ERANGE)]
    [InlineData("security.selinux", Errno.None)]
    public void Names_of_other_kinds_are_refused(string name, Errno error)
    {
        using var rig = new FileRig();
        Assert.Equal(-(long)error, Set(rig, (ulong)rig.Open("/f"), name, "v", 0));
    }

    [Fact]
    public void A_disk_keeps_one_block_and_shared_memory_more()
    {
        using var rig = new FileRig();
        ulong fd = (ulong)rig.Open("/f");
        ulong shared = (ulong)rig.Call(SyscallNr.MemfdCreate, 0, 0, operands: new SyscallOperands { Path = "m" });
        Assert.Equal(0, Set(rig, fd, "user.b", new string('v', 4000), 0));
        Assert.Equal(-(long)Errno.ENOSPC, Set(rig, fd, "user.b", new string('v', 4060), 0));
        Assert.Equal(0, Set(rig, shared, "user.b", new string('v', 4060), 0));
        Assert.Equal(-(long)Errno.E2BIG, rig.Call(SyscallNr.Fsetxattr, fd, FileRig.Buffer, 0, 65537, 0, 0,
            new SyscallOperands { Path2 = "user.b" }));
        Assert.Equal(-(long)Errno.EINVAL, Set(rig, fd, "user.b", "v", 4));
    }

    [Fact]
    public void A_list_of_three_entries_is_a_mode_and_a_longer_one_is_refused()
    {
        using var rig = new FileRig();
        ulong fd = (ulong)rig.Open("/f");
        const string list = "system.posix_acl_access";
        Assert.Equal(-(long)Errno.ENODATA, Get(rig, fd, list));
        Assert.Equal(0, Set(rig, fd, list,
            "\x2\0\0\0\x1\0\x6\0\0\0\0\0\x4\0\x5\0\0\0\0\0\x20\0\x1\0\0\0\0\0", 0));
        rig.Call(SyscallNr.Fstat, fd, FileRig.Buffer);
        Assert.Equal(0x81a9u, BitConverter.ToUInt32(rig.Peek(FileRig.Buffer + 24, 4))); // -rw-r-x--x
        Assert.Equal(-(long)Errno.EOPNOTSUPP, Set(rig, fd, list,
            "\x2\0\0\0\x1\0\x6\0\0\0\0\0\x2\0\x5\0\0\0\0\0\x20\0\x1\0\0\0\0\0", 0));
        Assert.Equal(-(long)Errno.EINVAL, Set(rig, fd, list, "\x2\0\0", 0));
        Assert.Equal(-(long)Errno.EACCES, Get(rig, fd, "system.posix_acl_default"));
        Assert.Equal(0, Remove(rig, fd, list));
    }

    [Fact]
    public void Pipes_have_none_and_only_root_sees_trusted_ones()
    {
        using var rig = new FileRig();
        rig.Call(SyscallNr.Pipe, FileRig.Buffer);
        int reader = BitConverter.ToInt32(rig.Peek(FileRig.Buffer, 4));
        Assert.Equal(-(long)Errno.EPERM, Set(rig, (ulong)reader, "user.a", "v", 0));
        Assert.Equal(-(long)Errno.EOPNOTSUPP, Set(rig, (ulong)reader, "trusted.a", "v", 0));
        ulong fd = (ulong)rig.Open("/f");
        Set(rig, fd, "trusted.a", "v", 0);
        rig.Call(SyscallNr.Setuid, 1000);
        Assert.Equal(0, rig.Call(SyscallNr.Flistxattr, fd, 0, 0));
        Assert.Equal(-(long)Errno.ENODATA, Get(rig, fd, "trusted.a"));
        Assert.Equal(-(long)Errno.EPERM, Set(rig, fd, "trusted.a", "v", 0));
        Assert.Equal(-(long)Errno.EACCES, Set(rig, fd, "user.a", "v", 0));
    }

    [Fact]
    public void Calls_by_path_find_the_file_or_the_link()
    {
        using var rig = new FileRig();
        rig.Open("/f");
        rig.Call(SyscallNr.Symlink, operands: new SyscallOperands { Path = "/f", Path2 = "/l", BuffersUnknown = true });
        Assert.Equal(0, ByPath(SyscallNr.Setxattr, "/l", "user.a"));
        Assert.Equal(1, ByPath(SyscallNr.Getxattr, "/f", "user.a"));
        Assert.Equal(-(long)Errno.EPERM, ByPath(SyscallNr.Lsetxattr, "/l", "user.a"));
        Assert.Equal(-(long)Errno.ENODATA, ByPath(SyscallNr.Lgetxattr, "/l", "trusted.a"));
        Assert.Equal(-(long)Errno.ENOENT, ByPath(SyscallNr.Getxattr, "/no", "user.a"));
        Assert.Equal(7, rig.Call(SyscallNr.Listxattr, 0, 0, 0,
            operands: new SyscallOperands { Path = "/f", BuffersUnknown = true }));
        Assert.Equal(0, ByPath(SyscallNr.Removexattr, "/l", "user.a"));

        long ByPath(SyscallNr nr, string path, string name) => rig.Call(nr, 0, 0, 0,
            nr is SyscallNr.Setxattr or SyscallNr.Lsetxattr ? 1UL : 0, operands: new SyscallOperands
            {
                Path = path,
                Path2 = name,
                BuffersUnknown = true,
                Outgoing = "v"u8.ToArray(),
            });
    }

    private static long Set(FileRig rig, ulong fd, string name, string value, ulong flags)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(value);
        rig.Poke(FileRig.Buffer, bytes);
        return rig.Call(SyscallNr.Fsetxattr, fd, 0, FileRig.Buffer, (ulong)bytes.Length, flags, 0,
            new SyscallOperands { Path2 = name });
    }

    private static long Get(FileRig rig, ulong fd, string name, ulong room = 100) => rig.Call(SyscallNr.Fgetxattr, fd,
        0, FileRig.Buffer + 4096, room, operands: new SyscallOperands { Path2 = name });

    private static long Remove(FileRig rig, ulong fd, string name) =>
        rig.Call(SyscallNr.Fremovexattr, fd, 0, operands: new SyscallOperands { Path2 = name });
}
