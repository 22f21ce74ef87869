using System.Collections.Immutable;
using LinuxMem.Abi;
using LinuxMem.Simulation.Sched;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Programs;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>Makes single processes of entries that stand for many.</summary>
internal static class ProcessExpansion
{
    /// <summary>All processes, entry by entry.</summary>
    public static ImmutableArray<ProcessSpec> Expand(ImmutableArray<ProcessGroup> groups)
    {
        int total = groups.Sum(g => (int)g.Count);
        var processes = ImmutableArray.CreateBuilder<ProcessSpec>(total);
        foreach (ProcessGroup group in groups)
        {
            // One factory for the whole group: the program's data is shared, and only what is running costs memory.
            ProgramSpec program = group.Program;
            Func<IProgram> create = program.Create;
            for (ulong i = 0; i < group.Count; i++)
            {
                ulong start = group.StartNs + (i * group.EveryNs);
                processes.Add(new ProcessSpec(create, (long)start)
                {
                    Limits = group.Limits,
                    OomScoreAdj = group.OomScoreAdj,
                    FailNth = group.FailNth,
                    MakeItFail = group.MakeItFail,
                    Affinity = group.Affinity.IsEmpty ? null : CpuMask.Of(group.Affinity.Select(cpu => (int)cpu)),
                    Group = group.Cgroup,
                });
            }
        }

        return processes.MoveToImmutable();
    }
}
