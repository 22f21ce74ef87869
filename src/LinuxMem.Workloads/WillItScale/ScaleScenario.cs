using LinuxMem.Arch.Memory;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Workloads.WillItScale;

/// <summary>A test of will-it-scale as a scenario: as many copies as CPUs, measured for a window.</summary>
public sealed class ScaleScenario
{
    private const ulong BaseBytes = 256UL << 20;
    private const ulong MemoryStep = 128UL << 20;
    // No fault is served in less.
    private const long QuickestFaultNs = 500;

    // Who leaves the barrier wakes the next.
    private const ulong WakeNs = 1_000;

    private readonly List<ScaleTask> tasks = [];

    /// <summary>Makes the scenario.</summary>
    /// <param name="test">The test.</param>
    /// <param name="settings">How to run it.</param>
    public ScaleScenario(ScaleTest test, ScaleSettings settings)
    {
        for (int i = 0; i < settings.Tasks; i++)
        {
            ScaleTask task = test.Make(settings, i);
            task.BeginSpreadNs = WakeNs * (ulong)settings.Tasks;
            tasks.Add(task);
        }

        long pages = test.PagesPerTask == 0 ? settings.WindowNs / QuickestFaultNs : test.PagesPerTask;
        ulong page = settings.Machine.Paging.PageBytes;
        ulong bytes = BaseBytes + ((ulong)settings.Tasks * (((ulong)pages * page) + (2UL << 20)));
        Scenario = new Scenario
        {
            Name = $"{test.Name}_{(settings.Mode == ScaleMode.Threads ? "threads" : "processes")}",
            Description = test.Description,
            Machine = settings.Machine with
            {
                Cpus = settings.Tasks,
                MemoryBytes = (bytes + MemoryStep - 1) / MemoryStep * MemoryStep,
                Contents = ContentMode.None,
                Vm = settings.Machine.Vm with { OvercommitMemory = OvercommitMode.Always },
            },
            Engine = settings.Engine,
            EndNs = settings.EndNs,
            Processes = settings.Mode == ScaleMode.Threads
                ? [new ProcessSpec(() => new TeamStarter(tasks, settings.EndNs))]
                : [.. tasks.Select((task, i) => new ProcessSpec(() => task, i * ScaleSettings.StaggerNs))],
        };
    }

    /// <summary>To be run once.</summary>
    public Scenario Scenario { get; }

    /// <summary>Operations of all copies, when it has run.</summary>
    public long Operations => tasks.Sum(task => task.Operations);
}
