using LinuxMem.Abi;
using LinuxMem.Mm;
using LinuxMem.Mm.Memcg;
using LinuxMem.Mm.Reclaim;
using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Rounds;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Kernel;

/// <summary>Starts the processes of a scenario.</summary>
internal static class ProcessBirth
{
    /// <summary>
    /// The first task of the process that an event is about; null if there is no memory for it now: it is to be tried
    /// again, unless it was killed.
    /// </summary>
    /// <exception cref="ConfigurationException">Its pid is taken.</exception>
    public static TaskStruct? Start(Mm.Kernel kernel, Scenario scenario, in TimedEvent due)
    {
        ProcessSpec spec = scenario.Processes[due.Argument];
        Newborns newborns = kernel.ReclaimDaemon.Newborns;
        if (newborns.Find(due.Argument) is { IsKilled: true })
            return null;
        var cost = default(WorkCost);
        IProgram program = spec.CreateProgram();
        var at = new TrapPoint(0, due.AtNs);
        long refusals = kernel.Memory.Refusals;
        MemCgroup? group = GroupOf(kernel, spec);
        if (kernel.Memory.Groups is { } groups)
            groups.Current = group ?? groups.Root;
        TaskStruct? task = kernel.Start.Start(program, spec.Limits, spec.Pid, spec.InferMappings, at, ref cost,
            spec.User);
        if (task is null && kernel.Memory.Refusals != refusals)
        {
            Newborn newborn = newborns.Find(due.Argument) ?? NewbornOf(spec, due.Argument, program.Comm, group);
            newborn.FullGroup = kernel.Memory.Groups?.Blocked;
            newborn.Wish = kernel.Memory.Allocator.LastRefusal;
            newborns.Refuse(newborn);
            return null;
        }

        newborns.Forget(due.Argument);

        if (task is null)
        {
            throw new ConfigurationException($"process {due.Argument + 1} ({program.Comm}) cannot start at "
                + $"{due.AtNs} ns: pid {spec.Pid} is taken");
        }

        task.Group.KeepsVmas = spec.KeepsVmas;
        task.Group.OomScoreAdj = spec.OomScoreAdj;
        if (spec.MakeItFail || spec.FailNth > 0)
            task.Faults = new FaultTask(task.Tid, spec.MakeItFail, spec.FailNth);
        task.Affinity = spec.Affinity;
        task.Group.Cgroup = group;
        return task;
    }

    /// <summary>Whether the process that an event is about was killed before it could start.</summary>
    public static bool IsKilled(Mm.Kernel kernel, in TimedEvent due) =>
        kernel.ReclaimDaemon.Newborns.Find(due.Argument) is { IsKilled: true };

    private static Newborn NewbornOf(ProcessSpec spec, int number, string comm, MemCgroup? group) => new()
    {
        Number = number,
        Comm = comm,
        WishedPid = spec.Pid,
        Limits = spec.Limits,
        Uid = spec.User,
        OomScoreAdj = spec.OomScoreAdj,
        Cgroup = group,
    };

    private static MemCgroup? GroupOf(Mm.Kernel kernel, ProcessSpec spec)
    {
        if (spec.Group is null)
            return null;
        return kernel.Memory.Groups?.Find(spec.Group)
            ?? throw new ConfigurationException($"there is no group \"{spec.Group}\" for a process to belong to");
    }
}
