using LinuxMem.Arch.Memory;
using LinuxMem.Arch.Paging;
using LinuxMem.Arch.Tlbs;
using LinuxMem.Simulation.Locks;
using LinuxMem.Simulation.Random;
using LinuxMem.Simulation.Sched;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Tests.Support;

/// <summary>Random scenarios: a machine and programs drawn from a seed.</summary>
internal static class ChaosScenario
{
    public static Scenario Of(ulong seed)
    {
        var random = new RandomStream(RandomStream.Derive(seed, "chaos"));
        MachineSettings machine = MachineOf(ref random);
        int count = 1 + (int)random.Below(10);
        var processes = new ProcessSpec[count];
        for (int i = 0; i < count; i++)
        {
            var rules = new ChaosRules(
                Steps: 2 + (int)random.Below(50), Depth: (int)random.Below(3), PagesMax: 8 + (int)random.Below(60),
                Reckless: random.Percent(40) ? (int)random.Below(40) : 0, BatchMax: 1 + (int)random.Below(300));
            long startNs = random.Percent(50) ? 0 : (long)random.Below(60_000);
            processes[i] = new ProcessSpec(() => new ChaosProgram(rules), startNs);
        }

        return WithCpusThatGo(seed, new Scenario
        {
            Name = $"chaos-{seed}",
            Seed = seed,
            Machine = machine,
            Engine = new EngineSettings { MaxVirtualNs = 20_000_000_000 },
            Processes = processes,
        });
    }

    // From a stream of its own, so that what else is drawn stays as it is. A third of the machines have mmap_lock
    // alone; on many CPUs go and come; some processes are pinned.
    private static Scenario WithCpusThatGo(ulong seed, Scenario scenario)
    {
        var random = new RandomStream(RandomStream.Derive(seed, "chaos cpus"));
        int cpus = scenario.Machine.Cpus;
        MachineSettings machine = scenario.Machine with { Locks = new LockSettings { PerVma = !random.Percent(33) } };
        var hotplug = new List<HotplugSettings>();
        long atNs = 0;
        for (int i = (int)random.Below(8); cpus > 1 && random.Percent(60) && i > 0; i--)
        {
            atNs += (long)random.Below(150_000);
            hotplug.Add(new HotplugSettings(atNs, 1 + (int)random.Below((ulong)cpus - 1), random.Percent(50)));
        }

        var processes = new List<ProcessSpec>();
        foreach (ProcessSpec process in scenario.Processes)
        {
            CpuMask? mask = random.Percent(25) ? new CpuMask([1 | random.Below(1UL << cpus)]) : null;
            processes.Add(process with { Affinity = mask });
        }

        return scenario with { Machine = machine, Hotplug = hotplug, Processes = processes };
    }

    /// <summary>Draws a window, in nanoseconds, from half a microsecond to more than a run.</summary>
    public static long Window(ref RandomStream random)
    {
        long[] usual = [500, 1_300, 2_000, 50_000, 10_000_000, 3_600_000_000_000];
        return random.Percent(50) ? usual[random.Below((ulong)usual.Length)] : 500 + (long)random.Below(30_000);
    }

    private static MachineSettings MachineOf(ref RandomStream random)
    {
        ContentMode[] modes = [ContentMode.None, ContentMode.Tags, ContentMode.Tags, ContentMode.Bytes];
        int entryNs = 1 + (int)random.Below(400);
        return new MachineSettings
        {
            Cpus = 1 + (int)random.Below(8),
            MemoryBytes = (2 + random.Below(15)) << 20,
            Paging = PagingGeometry.All[(int)random.Below((ulong)PagingGeometry.All.Length)],
            Contents = modes[random.Below((ulong)modes.Length)],
            Tlb = TlbOf(ref random),
            SliceNs = random.Percent(50) ? 3_000_000 : 2_000 + (long)random.Below(100_000),
            KernelCosts = new KernelCosts
            {
                EntryNs = entryNs,
                IpiNs = entryNs + (int)random.Below(4_000),
                ContextSwitchNs = (int)random.Below(2_000),
            },
            Vm = new VmSettings { PcpHighPages = random.Percent(50) ? null : (int)random.Below(64) },
        };
    }

    private static TlbSettings TlbOf(ref RandomStream random)
    {
        int[] caches = [0, 1, 4, 32];
        return new TlbSettings(Shape(ref random, 3), Shape(ref random, 2), Shape(ref random, 4),
            caches[random.Below(4)], 1 + (int)random.Below(8));
    }

    private static TlbShape Shape(ref RandomStream random, int bits) => new(
        1 << (int)random.Below((ulong)bits), 1 << (int)random.Below(3), (TlbReplacement)random.Below(4));
}
