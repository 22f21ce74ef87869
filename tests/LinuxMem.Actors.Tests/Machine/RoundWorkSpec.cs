using LinuxMem.Actors.Kernel;
using LinuxMem.Actors.Messages;
using LinuxMem.Arch.Tlbs;

namespace LinuxMem.Actors.Tests.Machine;

public class RoundWorkSpec
{
    private readonly CpuSlot[] slots = [.. Enumerable.Range(0, 4).Select(cpu => new CpuSlot(cpu, null!, null!)
    {
        Accesses = new TaskAccesses(cpu, 1),
    })];

    [Fact]
    public void Rounds_with_a_fault_each_are_left_to_one_thread()
    {
        var work = new RoundWork(4);
        Rounds(work, 64, 3, 2, 1, 4);
        Assert.False(work.Pays);
    }

    [Fact]
    public void Rounds_in_which_one_CPU_does_all_the_work_are_left_to_one_thread()
    {
        var work = new RoundWork(4);
        Rounds(work, 64, 0, 50_000, 0, 3);
        Assert.False(work.Pays);
    }

    [Fact]
    public void Rounds_with_accesses_on_two_CPUs_are_worth_a_second_thread()
    {
        var work = new RoundWork(4);
        Rounds(work, 64, 1, 1, 1, 1);
        Rounds(work, 64, 0, 1_000, 0, 1_000);
        Assert.True(work.Pays);
    }

    [Fact]
    public void Few_rounds_that_are_very_long_are_worth_a_second_thread()
    {
        var work = new RoundWork(4);
        Rounds(work, 64, 1, 1, 1, 1);
        Rounds(work, 60, 1, 1, 1, 1);
        Rounds(work, 4, 100_000, 100_000, 0, 0);
        Assert.True(work.Pays);
    }

    [Fact]
    public void A_CPU_that_only_flushes_does_no_work()
    {
        var work = new RoundWork(4);
        slots[1].FlushOnly = slots[2].FlushOnly = true;
        Rounds(work, 64, 1, 100_000, 100_000, 1);
        Assert.False(work.Pays);
    }

    private void Rounds(RoundWork work, int rounds, params long[] accesses)
    {
        for (int round = 0; round < rounds; round++)
        {
            foreach (CpuSlot slot in slots)
                work.Granted(slot);
            foreach (CpuSlot slot in slots)
            {
                slot.Accesses!.Accesses += accesses[slot.Cpu];
                work.Reported(slot);
            }

            work.EndRound();
        }
    }
}
