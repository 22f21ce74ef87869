using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Simulation.Sched;

namespace LinuxMem.Mm.Tests.Tasks;

/// <summary>sched_setaffinity, sched_getaffinity.</summary>
public class AffinitySpec : IDisposable
{
    private readonly KernelRig rig = new(cpus: 6);
    private readonly TaskStruct main;

    public AffinitySpec() => main = rig.Start();

    [Fact]
    public void A_mask_is_kept_as_far_as_the_machine_has_its_cpus_and_children_inherit_it()
    {
        Assert.Equal(0, Set(0, 0b1111_0000));
        Assert.Equal(0b11_0000UL, main.Affinity!.Word(0));
        Assert.Equal(0b11_0000UL, rig.Fork(main).Affinity!.Word(0));
        Assert.Equal((8L, 0b11_0000), Get(0, 8));
    }

    [Fact]
    public void A_mask_without_a_cpu_that_is_there_is_EINVAL()
    {
        Assert.Equal(-(long)Errno.EINVAL, Set(0, 0));
        Assert.Equal(-(long)Errno.EINVAL, Set(0, 1UL << 40));
        rig.Memory.Online = CpuMask.All(6).With(5, isIn: false);
        Assert.Equal(-(long)Errno.EINVAL, Set(0, 1UL << 5));
        Assert.Equal((8L, 0b1_1111), Get(0, 128));
    }

    [Fact]
    public void Other_tasks_are_named_by_their_tid()
    {
        TaskStruct child = rig.Fork(main);
        Assert.Equal(0, Set((ulong)child.Tid, 2));
        Assert.Equal((8L, 2), Get((ulong)child.Tid, 8));
        Assert.Null(main.Affinity);
        Assert.Equal(-(long)Errno.ESRCH, Set(12345, 2));
        Assert.Equal(-(long)Errno.ESRCH, Get(12345, 8).Result);
    }

    [Fact]
    public void A_buffer_that_is_too_short_or_no_whole_words_is_EINVAL()
    {
        Assert.Equal(-(long)Errno.EINVAL, Get(0, 0).Result);
        Assert.Equal(-(long)Errno.EINVAL, Get(0, 12).Result);
    }

    [Fact]
    public void A_bad_address_is_EFAULT() => Assert.Equal(-(long)Errno.EFAULT,
        rig.Call(main, SyscallNr.SchedSetaffinity, 0, 8, 0x100).Value);

    public void Dispose() => rig.Dispose();

    private long Set(ulong tid, ulong mask)
    {
        rig.Trap(main, new SyscallRequest
        {
            Nr = SyscallNr.SchedSetaffinity,
            A0 = tid,
            A1 = 8,
            Operands = new SyscallOperands { Words = [mask] },
        });
        return main.Result.Value;
    }

    private (long Result, int Mask) Get(ulong tid, ulong length)
    {
        var operands = new SyscallOperands { BuffersUnknown = true, WantsCopied = true };
        rig.Trap(main, new SyscallRequest
        {
            Nr = SyscallNr.SchedGetaffinity,
            A0 = tid,
            A1 = length,
            A2 = KernelRig.Arena,
            Operands = operands,
        });
        return (main.Result.Value, operands.Copied.Count > 0 ? operands.Copied[0] : 0);
    }
}
