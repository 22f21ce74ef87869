using System.Text;
using LinuxMem.Abi;
using LinuxMem.Arch.Memory;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;

namespace LinuxMem.Mm.Tests.Tasks;

/// <summary>What prctl keeps, tells and refuses, as recorded of stress-ng --prctl on Linux 6.18.</summary>
public sealed class PrctlSpec : IDisposable
{
    private const ulong Buffer = 0x2000_0000;
    private readonly KernelRig rig = new(contents: ContentMode.Bytes);
    private readonly TaskStruct task;

    public PrctlSpec()
    {
        task = rig.Start();
        rig.Map(task, Buffer, 1);
    }

    public void Dispose() => rig.Dispose();

    [Theory]
    [InlineData(1, 14, 0, 0)] // PR_SET_PDEATHSIG
    [InlineData(1, 65, 0, -22)]
    [InlineData(3, 0, 0, 1)] // PR_GET_DUMPABLE
    [InlineData(4, 2, 0, -22)]
    [InlineData(5, Buffer, 0, -22)] // PR_GET_UNALIGN
    [InlineData(13, 0, 0, 0)]
    [InlineData(14, 1, 0, -22)]
    [InlineData(23, 0, 0, 1)] // PR_CAPBSET_READ
    [InlineData(23, 24, 0, 0)] // CAP_SYS_RESOURCE
    [InlineData(23, 41, 0, -22)]
    [InlineData(24, 41, 0, -22)]
    [InlineData(26, 3, 0, -22)] // PR_SET_TSC
    [InlineData(30, 0, 0, 50_000)] // PR_GET_TIMERSLACK
    [InlineData(33, 0, 1, -22)] // PR_MCE_KILL
    [InlineData(34, 0, 0, 2)]
    [InlineData(35, 1, 0, -1)] // PR_SET_MM
    [InlineData(38, 0, 0, -22)] // PR_SET_NO_NEW_PRIVS
    [InlineData(38, 1, 1, -22)]
    [InlineData(39, 0, 0, 0)]
    [InlineData(47, 1, 0, 0)] // PR_CAP_AMBIENT_IS_SET
    [InlineData(47, 2, 0, -1)]
    [InlineData(47, 9, 0, -22)]
    [InlineData(57, 1, 0, -1)] // PR_SET_IO_FLUSHER
    [InlineData(62, 0, 0, -22)]
    public void Options_answer_as_linux_does(ulong option, ulong second, ulong third, long answer) =>
        Assert.Equal(answer, Call(option, second, third));

    [Fact]
    public void What_was_set_is_told_and_handed_on()
    {
        Call(1, 14);
        Call(4, 0);
        Call(29, 77);
        Call(36, 1);
        Call(38, 1);
        Call(24, 0);
        Assert.Equal(0, Call(2, Buffer));
        Assert.Equal(14, Bytes(0, 1)[0]);
        Assert.Equal(0, Call(37, Buffer));
        Assert.Equal(1, Bytes(0, 1)[0]);
        Assert.Equal((0, 77, 1, 0), (Call(3), Call(30), Call(39), Call(23)));
        Assert.Equal(-14, Call(2, 0x7000_0000));
        TaskStruct child = rig.Fork(task);
        Assert.Equal((0, 77UL, true), (child.Prctl.DeathSignal, child.Prctl.SlackNs, child.Prctl.NoNewPrivs));
    }

    [Fact]
    public void A_name_is_15_bytes_long_at_most()
    {
        Assert.True(rig.Access(task, Buffer, AccessKind.Write));
        rig.Memory.Ram.WriteBytes(rig.FrameAt(task.Mm, Buffer), 0, "abcdefghijklmnopqrst"u8);
        Assert.Equal(0, Call(15, Buffer));
        Assert.Equal(0, Call(16, Buffer + 64));
        Assert.Equal("abcdefghijklmno\0", Encoding.ASCII.GetString(Bytes(64, 16)));
        Assert.Equal(-14, Call(15, 0x7000_0000));
    }

    private byte[] Bytes(int offset, int count)
    {
        byte[] bytes = new byte[count];
        rig.Memory.Ram.ReadBytes(rig.FrameAt(task.Mm, Buffer), offset, bytes);
        return bytes;
    }

    private long Call(ulong option, ulong second = 0, ulong third = 0) =>
        rig.Call(task, SyscallNr.Prctl, option, second, third).Value;
}
