using LinuxMem.Abi;
using LinuxMem.Mm.Tests.Files;

namespace LinuxMem.Mm.Tests.Tasks;

/// <summary>Memory policies on a machine with one node: answers of Linux 6.18 on such a machine.</summary>
public sealed class PolicyCallsSpec : IDisposable
{
    private const ulong Mask = FileRig.Buffer;
    private const ulong Mode = FileRig.Buffer + 4096;
    private const ulong Bad = 0x7000_0000;
    private readonly FileRig rig = new();

    public void Dispose() => rig.Dispose();

    // Per mode: no mask, no node, node 0, node 1, both; '0' is success.
    [Theory]
    [InlineData(0, "00EEE")]
    [InlineData(1, "000E0")]
    [InlineData(2, "EE0E0")]
    [InlineData(3, "EE0E0")]
    [InlineData(4, "00EEE")]
    [InlineData(5, "EE0E0")]
    [InlineData(6, "EE0E0")]
    [InlineData(7, "EEEEE")]
    [InlineData(8, "EEEEE")]
    [InlineData(0x8002, "EE0E0")]
    [InlineData(0x4002, "EE000")]
    [InlineData(0xc002, "EEEEE")]
    [InlineData(0x2002, "EE0E0")]
    [InlineData(0x2001, "EEEEE")]
    [InlineData(0x8001, "EE0E0")]
    [InlineData(0x8004, "EEEEE")]
    [InlineData(0x8000, "00EEE")]
    public void A_policy_is_refused_where_it_makes_no_sense(ulong mode, string expected)
    {
        string answers = Letter(rig.Call(SyscallNr.SetMempolicy, mode));
        for (byte nodes = 0; nodes < 4; nodes++)
        {
            rig.Poke(Mask, [nodes, 0, 0, 0, 0, 0, 0, 0]);
            answers += Letter(rig.Call(SyscallNr.SetMempolicy, mode, Mask, 64));
        }

        Assert.Equal(expected, answers);
    }

    [Fact]
    public void A_mask_has_one_bit_less_than_is_said()
    {
        rig.Poke(Mask, [1]);
        Assert.Equal("E0E0EE", string.Concat(new ulong[] { 1, 2, 0, 129, 32769 + 1, 1UL << 40 }.Select(bits =>
            Letter(rig.Call(SyscallNr.SetMempolicy, 2, Mask, bits)))));
        rig.Poke(Mask + 8, [1]);
        Assert.Equal("00", Letter(rig.Call(SyscallNr.SetMempolicy, 2, Mask, 64))
            + Letter(rig.Call(SyscallNr.SetMempolicy, 2, Mask, 129)));
        rig.Poke(Mask + 128, [1]); // node 1024, of which there can be none
        Assert.Equal("0E", Letter(rig.Call(SyscallNr.SetMempolicy, 2, Mask, 1025))
            + Letter(rig.Call(SyscallNr.SetMempolicy, 2, Mask, 1089)));
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(SyscallNr.SetMempolicy, 2, Bad, 64));
    }

    [Fact]
    public void The_policy_is_told_and_inherited()
    {
        rig.Poke(Mask, [1]);
        Assert.Equal(0, rig.Call(SyscallNr.SetMempolicy, 0x8001, Mask, 64));
        rig.Task = rig.Kernel.Fork(rig.Task);
        Assert.Equal(0, rig.Call(SyscallNr.GetMempolicy, Mode, Mask + 64, 129));
        Assert.Equal([1, 0x80, 0, 0], rig.Peek(Mode, 4));
        Assert.Equal([1, 0, 0, 0, 0, 0, 0, 0, 0], rig.Peek(Mask + 64, 9));
        Assert.Equal(0, rig.Call(SyscallNr.GetMempolicy, Mode, 0, 0, Mask, 2)); // of a mapping: the default
        Assert.Equal([0, 0], rig.Peek(Mode, 2));
    }

    [Theory]
    [InlineData(Mode, 0UL, 0UL, 0UL, 0UL, Errno.None)]
    [InlineData(Mode, Mask, 0UL, 0UL, 0UL, Errno.EINVAL)]
    [InlineData(Mode, Mask, 1UL, 0UL, 0UL, Errno.None)]
    [InlineData(Mode, Mask, 32769UL, 0UL, 0UL, Errno.None)]
    [InlineData(Mode, Mask, 32833UL, 0UL, 0UL, Errno.EINVAL)]
    [InlineData(Mode, Mask, 64UL, 0UL, 1UL, Errno.EINVAL)]
    [InlineData(Mode, Mask, 64UL, Mask, 3UL, Errno.None)]
    [InlineData(Mode, Mask, 64UL, Bad, 2UL, Errno.EFAULT)]
    [InlineData(Mode, Mask, 64UL, Mask, 0UL, Errno.EINVAL)]
    [InlineData(Mode, Mask, 64UL, 0UL, 4UL, Errno.None)]
    [InlineData(Mode, Mask, 64UL, 0UL, 5UL, Errno.EINVAL)]
    [InlineData(Mode, Mask, 64UL, 0UL, 8UL, Errno.EINVAL)]
    [InlineData(Bad, 0UL, 0UL, 0UL, 0UL, Errno.EFAULT)]
    [InlineData(Mode, Bad, 64UL, 0UL, 0UL, Errno.EFAULT)]
    public void Questions_are_refused_as_Linux_refuses_them(ulong mode, ulong mask, ulong bits, ulong address,
        ulong flags, Errno expected) => Assert.Equal(-(long)expected,
            rig.Call(SyscallNr.GetMempolicy, mode, mask, bits, address, flags));

    [Fact]
    public void Pages_cannot_go_to_another_node()
    {
        rig.Poke(Mask, [1, 0, 0, 0, 0, 0, 0, 0, 2]);
        Assert.Equal(0, rig.Call(SyscallNr.MigratePages, 0, 64, Mask, Mask));
        Assert.Equal(-(long)Errno.ESRCH, rig.Call(SyscallNr.MigratePages, 9999, 64, Mask, Mask));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.MigratePages, 0, 64, Mask, Mask + 8));
    }

    private static string Letter(long result) => result == 0 ? "0" : result == -(long)Errno.EINVAL ? "E" : "?";
}
