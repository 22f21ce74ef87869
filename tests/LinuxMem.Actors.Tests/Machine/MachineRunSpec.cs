using LinuxMem.Abi;
using LinuxMem.Actors.Machine;
using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Actors.Tests.Machine;

/// <summary>A run as its owner sees it: how it ends, and that its figures add up.</summary>
public class MachineRunSpec
{
    public static TheoryData<string> Names => [.. Scenarios.Names];

    public static TheoryData<EngineSettings> Engines => new(
        new EngineSettings(), new EngineSettings { Threads = 2 }, new EngineSettings { ScheduleSeed = 9 });

    [Theory]
    [MemberData(nameof(Names))]
    public void Accesses_and_times_add_up(string name)
    {
        RunResult result = Run(Scenarios.Of(name));
        Assert.Equal(result.Accesses, result.Processes.Sum(p => p.Accesses));
        Assert.Equal(result.Accesses, result.Cpus.Sum(c => c.Accesses));
        Assert.All(result.Cpus, c => Assert.Equal(result.VirtualNs, c.BusyNs + c.IdleNs));
        Assert.All(result.Cpus, c => Assert.InRange(c.IdleNs, 0, result.VirtualNs));
        Assert.True(result.Processes.Sum(p => p.CpuNs) <= result.Cpus.Sum(c => c.BusyNs));
        Assert.All(result.Processes, p => Assert.InRange(p.EndNs, p.StartNs, result.VirtualNs));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Memory_is_free_again_when_every_process_has_ended(string name)
    {
        RunResult result = Run(Scenarios.Of(name));
        Assert.Equal(0, result.Memory.AnonPages);
        Assert.Equal(0, result.Memory.PageTablePages);
        Assert.Equal(0, result.Memory.ShmemPages);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void A_program_that_does_nothing_is_a_mistake_of_the_scenario(EngineSettings engine)
    {
        Scenario scenario = Of((int _, in ProgramStart _, AccessBatch _, in SyscallResult _) => { }, engine);
        Assert.Contains("script", Assert.Throws<ConfigurationException>(() => Run(scenario)).Message);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void A_bug_of_the_machine_surfaces_in_its_own_type(EngineSettings engine)
    {
        Scenario scenario = Of((int _, in ProgramStart _, AccessBatch _, in SyscallResult _) =>
            throw new KernelBug("I01 violated: on purpose"), engine);
        Assert.Equal("I01 violated: on purpose", Assert.Throws<KernelBug>(() => Run(scenario)).Message);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void A_run_without_end_stops_at_its_limit(EngineSettings engine)
    {
        Scenario scenario = Of(Forever, engine with { MaxVirtualNs = 1_000_000 });
        Assert.Contains("engine.maxVirtual", Assert.Throws<ConfigurationException>(() => Run(scenario)).Message);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void A_run_can_be_cancelled(EngineSettings engine)
    {
        using var cancel = new CancellationTokenSource();
        Scenario scenario = Of(
            (int number, in ProgramStart start, AccessBatch batch, in SyscallResult last) =>
            {
                if (number == 50)
                    cancel.Cancel();
                Forever(number, start, batch, last);
            },
            engine);
        Assert.ThrowsAny<OperationCanceledException>(() =>
            MachineRun.Execute(scenario, NullLoggerFactory.Instance, null, cancel.Token));
    }

    [Fact]
    public void A_run_without_processes_ends_at_once()
    {
        RunResult result = Run(new Scenario { Name = "empty", Processes = [] });
        Assert.Equal(0, result.VirtualNs);
        Assert.Empty(result.Processes);
        Assert.Empty(result.Audit.Violations);
    }

    [Fact]
    public void Every_process_that_ends_is_reported_once()
    {
        using var machine = new DirectMachine(Scenarios.Of("families"));
        RunResult result = machine.RunToEnd();
        Assert.Equal(result.Processes.Select(p => p.Pid), machine.EndedPids.Order());
    }

    private static void Forever(int number, in ProgramStart start, AccessBatch batch, in SyscallResult last)
    {
        batch.AddRun(AccessKind.Write, start.Layout.DataStart, 0, 1000);
        batch.SetCall(new SyscallRequest { Nr = SyscallNr.SchedYield });
    }

    private static Scenario Of(ScriptProgram.Turn turn, EngineSettings engine) => new()
    {
        Name = "script",
        Engine = engine,
        Machine = new MachineSettings { Cpus = 2, MemoryBytes = 8 << 20 },
        Processes = [new ProcessSpec(() => new ScriptProgram(turn))],
    };

    private static RunResult Run(Scenario scenario) => MachineRun.Execute(scenario, NullLoggerFactory.Instance);
}
