using LinuxMem.Abi;
using LinuxMem.Actors.Machine;
using LinuxMem.Arch.Memory;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Benchmarks.Loads;

/// <summary>Machines to measure on: no contents, no audit.</summary>
internal static class Machines
{
    public static MachineSettings Settings(int cpus, ulong memoryBytes) =>
        new() { Cpus = cpus, MemoryBytes = memoryBytes, Contents = ContentMode.None };

    /// <summary>Runs programs in actors to their end.</summary>
    public static RunResult Run(MachineSettings machine, IEnumerable<Func<IProgram>> programs, int threads = 1) =>
        Run(new Scenario
        {
            Name = "bench",
            Machine = machine,
            Engine = new EngineSettings { Threads = threads, Audit = AuditLevel.Off },
            Processes = [.. programs.Select(create => new ProcessSpec(create))],
        });

    /// <summary>Runs a scenario in actors to its end; every process must end by itself.</summary>
    public static RunResult Run(Scenario scenario)
    {
        RunResult result = MachineRun.Execute(scenario, NullLoggerFactory.Instance);
        foreach (ProcessResult process in result.Processes)
        {
            if (process.Fate != "exited 0")
                throw new InvalidOperationException($"{process.Comm} {process.Pid}: {process.Fate}");
        }

        return result;
    }
}
