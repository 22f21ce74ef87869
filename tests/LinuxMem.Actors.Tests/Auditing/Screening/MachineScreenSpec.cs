using LinuxMem.Actors.Tests.Reclaim;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Tests.Auditing.Screening;

public class MachineScreenSpec
{
    [Fact]
    public void What_the_screen_passes_a_full_check_passes_too()
    {
        using var machine = new LockstepMachine(Subject());
        // Every check that the screen would spare is made all the same, and has to find nothing.
        RunResult result = machine.Run();
        Assert.Equal([], result.Audit.Violations);
        Assert.True(machine.Audits > 100, $"only {machine.Audits} audits");
        long full = machine.Loop.Audit.FullChecks;
        Assert.True(full * 10 < machine.Audits, $"{full} of {machine.Audits} checks were not spared");
    }

    [Fact]
    public void A_machine_that_swaps_is_screened_as_well()
    {
        using var machine = new LockstepMachine(Swapping());
        RunResult result = machine.Run();
        Assert.Equal([], result.Audit.Violations);
        Assert.True(SwapRunSpec.Counter(result, "pswpin") > 500, "pages went to swap and came back");
        long full = machine.Loop.Audit.FullChecks;
        Assert.True(full * 4 < machine.Audits, $"{full} of {machine.Audits} checks were not spared");
    }

    [Theory]
    [InlineData("I26")]
    [InlineData("I31")]
    [InlineData("I32")]
    public void Damage_to_what_is_known_of_swap_is_reported(string invariant)
    {
        using var machine = new LockstepMachine(Swapping());
        int audits = 0;
        RunResult result = machine.Run(_ =>
        {
            Mm.Kernel kernel = machine.Loop.Kernel;
            if (kernel.Memory.Swap.Exchange.Exported.Count > 100 && ++audits is 10 or 11)
                Damage(kernel, invariant, by: audits == 10 ? 1 : -1);
        });
        Assert.NotEmpty(result.Audit.Violations);
        Assert.Contains(result.Audit.Violations, v => v.StartsWith(invariant + " violated", StringComparison.Ordinal));
    }

    private static void Damage(Mm.Kernel kernel, string invariant, int by)
    {
        List<Mm.Swap.SwapSlotUse> slots = kernel.Memory.Swap.Exchange.Exported;
        switch (invariant)
        {
            case "I26":
                kernel.Lifecycle.Live.First().SwapEntries += by;
                break;
            case "I31" when by > 0:
                int at = slots.FindIndex(slot => slot.Count > 0);
                slots[at] = slots[at] with { Count = slots[at].Count + 1 };
                break;
            case "I32" when by > 0:
                slots.Add(new Mm.Swap.SwapSlotUse(new Mm.Swap.SwapEntry(0, 2000), 0, false, default));
                break;
        }
    }

    private static Scenario Swapping()
    {
        Scenario scenario = SwapRunSpec.WithSwap("""
            {
              "name": "swapping", "machine": { "cpus": 2, "memory": "2MiB", "overcommitMemory": 1 },
              "processes": [ { "name": "eater", "steps": [
                { "mmap": { "length": "1MiB", "as": "s", "shared": true } },
                { "mmap": { "length": "1536KiB", "as": "m" } }, { "touch": { "region": "m" } },
                { "touch": { "region": "s" } },
                { "fork": { "name": "child", "steps": [
                  { "access": { "region": "m", "pattern": "uniform", "count": 300, "writePercent": 50 } },
                  { "access": { "region": "s", "pattern": "uniform", "count": 300, "writePercent": 50 } } ] } },
                { "access": { "region": "m", "pattern": "uniform", "count": 500, "writePercent": 30 } },
                { "wait": "all" } ] } ],
            }
            """, 1 << 11);
        return scenario with { Engine = scenario.Engine with { Audit = AuditLevel.Round, WindowNs = 2_000 } };
    }

    [Fact]
    public void Damage_is_reported_in_every_round_from_where_it_is_done_to_where_it_is_undone()
    {
        using var machine = new LockstepMachine(Subject());
        RunResult result = machine.Run(_ =>
        {
            Mm.KernelMemory memory = machine.Loop.Kernel.Memory;
            if (machine.Audits == 30)
                memory.Map[memory.ZeroPage].RefCount++;
            else if (machine.Audits == 33)
                memory.Map[memory.ZeroPage].RefCount--;
        });
        Assert.Equal(3, result.Audit.Violations.Count);
        Assert.All(result.Audit.Violations, violation => Assert.StartsWith("I10 violated", violation));
    }

    private static Scenario Subject() => new()
    {
        Name = "screened",
        Machine = new MachineSettings { Cpus = 2, MemoryBytes = 8 << 20, SliceNs = 30_000 },
        Engine = new EngineSettings { Audit = AuditLevel.Round, WindowNs = 2_000 },
        Processes = [new ProcessSpec(() => new ForkingProgram(4)), new ProcessSpec(() => new ForkingProgram(3))],
    };
}
