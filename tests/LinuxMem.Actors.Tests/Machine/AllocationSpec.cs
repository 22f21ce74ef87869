using LinuxMem.Abi;
using LinuxMem.Actors.Machine;
using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Actors.Tests.Machine;

/// <summary>Rounds allocate nothing: the garbage of a run does not grow with its rounds.</summary>
public class AllocationSpec
{
    private const int BatchesBefore = 200;
    private const int BatchesMeasured = 12_000;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Ten_thousand_rounds_allocate_nothing(bool actors)
    {
        long before = 0;
        long after = 0;
        var scenario = new Scenario
        {
            Name = "hits",
            Engine = new EngineSettings { WindowNs = 1_000, Audit = AuditLevel.Off },
            Machine = new MachineSettings { Cpus = 2, MemoryBytes = 8 << 20, SliceNs = 10_000_000_000 },
            Processes = [new ProcessSpec(() => new ScriptProgram(Turn))],
        };
        long rounds = actors
            ? MachineRun.Execute(scenario, NullLoggerFactory.Instance).Rounds : DirectMachine.Execute(scenario).Rounds;
        Assert.True(rounds > 10_000, $"only {rounds} rounds");
        Assert.Equal(0, after - before);

        void Turn(int number, in ProgramStart start, AccessBatch batch, in SyscallResult last)
        {
            if (number == BatchesBefore)
                before = GC.GetAllocatedBytesForCurrentThread();
            if (number == BatchesBefore + BatchesMeasured)
            {
                after = GC.GetAllocatedBytesForCurrentThread();
                ScriptProgram.Exit(batch);
                return;
            }

            // One round, and the access that ends in the next.
            batch.AddRun(AccessKind.Write, start.Layout.DataStart, 0, 1000);
        }
    }
}
