using LinuxMem.Abi;
using LinuxMem.Actors.Machine;
using LinuxMem.Actors.Tests.Support;
using LinuxMem.Arch.Memory;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Actors.Tests.Injection;

/// <summary>Runs programs on a machine with a disk, with faults; the audit at every round must find nothing.</summary>
internal static class FaultRun
{
    public const ulong Page = 4096;

    public static RunResult Of(string[] rules, params Func<FileProgram, IEnumerable<Action<AccessBatch>>>[] scripts) =>
        Of(Machine, [.. rules.Select(FaultText.Parse)], scripts);

    public static RunResult Of(MachineSettings machine, IReadOnlyList<FaultRule> rules,
        params Func<FileProgram, IEnumerable<Action<AccessBatch>>>[] scripts)
    {
        RunResult result = Of(new Scenario
        {
            Name = "faults",
            Machine = machine,
            Engine = new EngineSettings { Audit = AuditLevel.Round },
            Faults = new FaultSettings { Rules = rules },
            Processes = [.. scripts.Select(script => new ProcessSpec(() => new FileProgram(script)))],
        });
        return result;
    }

    public static RunResult Of(Scenario scenario)
    {
        RunResult result = MachineRun.Execute(scenario, NullLoggerFactory.Instance);
        Assert.Empty(result.Audit.Violations);
        return result;
    }

    public static MachineSettings Machine { get; } = new()
    {
        Cpus = 2,
        MemoryBytes = 16 << 20,
        Contents = ContentMode.Bytes,
        Disks = [BlockDeviceSettings.Ssd],
    };
}
