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
