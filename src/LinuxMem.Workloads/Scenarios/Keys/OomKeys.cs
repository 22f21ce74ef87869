using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>The keys of the machine that say what happens when memory is out.</summary>
internal sealed record OomKeys(Key<ulong> PanicOnOom, Key<bool> DumpTasks, Key<bool> KillAllocatingTask)
{
    /// <summary>The keys in their order.</summary>
    public IReadOnlyList<Key> All => [PanicOnOom, DumpTasks, KillAllocatingTask];

    /// <summary>The keys with Linux's defaults.</summary>
    public static OomKeys Make()
    {
        var usual = new VmSettings();
        return new OomKeys(
            Key.Optional("panicOnOom", new CountShape(0, 2), (ulong)usual.PanicOnOom,
                "vm.panic_on_oom: 0 kills somebody when memory is out, 1 panics, 2 also where a group is full."),
            Key.Optional("oomDumpTasks", new FlagShape(), usual.OomDumpTasks,
                "vm.oom_dump_tasks: whether the OOM killer's report lists the processes."),
            Key.Optional("oomKillAllocatingTask", new FlagShape(), usual.OomKillAllocatingTask,
                "vm.oom_kill_allocating_task: whether it is who asks for memory that dies, not who has most."));
    }
}
