using LinuxMem.Actors.Machine;
using LinuxMem.Simulation.Locks;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.WillItScale;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Actors.Tests.WillItScale;

/// <summary>
/// The curves of will-it-scale have the shapes that Linux's have; virtual time, so they are the same everywhere.
/// </summary>
public class ScaleShapeSpec
{
    // The host is a virtual machine: a shootdown takes it about 10 us, the way there and the one that comes back.
    private static readonly KernelCosts Hosts = new() { IpiNs = 5_000, IpiHandlerNs = 1_000 };

    // Another one, whose faults and system calls go through the hypervisor ('linuxmem calibrate' there).
    private static readonly KernelCosts SlowHosts = new()
    {
        EntryNs = 771,
        SyscallNs = 308,
        ZeroPageNs = 188,
        FaultNs = 11_529,
        UnmapPageNs = 224,
        VmaNs = 868,
        IpiNs = 1_718,
    };

    // Both are EPYCs, where a lock and what lies under it come over in fewer lines than on the Xeon.
    private static LockSettings Epycs(int lineNs) =>
        new() { LineNs = lineNs, HandoffNs = lineNs * 5 / 2, VmaLines = 3, SplitLines = 0 };

    // A Xeon, whose faults do not.
    private static readonly KernelCosts QuickHosts = new()
    {
        EntryNs = 73,
        SyscallNs = 30,
        ZeroPageNs = 335,
        FaultNs = 980,
        UnmapPageNs = 107,
        VmaNs = 569,
        IpiNs = 11_564,
    };

    [Fact]
    public void Faults_of_threads_stop_scaling_under_mmap_lock() =>
        Assert.InRange(Speedup("page_fault1", ScaleMode.Threads, 32, perVma: false), 1.5, 3);

    [Fact]
    public void Faults_of_threads_scale_under_locks_of_vmas() =>
        Assert.InRange(Speedup("page_fault1", ScaleMode.Threads, 32), 12, 32.5);

    [Fact]
    public void Faults_of_processes_scale_until_lists_and_memory_are_full()
    {
        Assert.InRange(Speedup("page_fault1", ScaleMode.Processes, 16), 15, 16.5);
        Assert.InRange(Speedup("page_fault1", ScaleMode.Processes, 128, windowNs: 500_000), 25, 90);
    }

    [Theory]
    [InlineData("mmap1", 1.3)]
    [InlineData("mmap2", 1.3)]
    [InlineData("malloc1", 1.1)]
    [InlineData("brk1", 3)]
    [InlineData("fork1", 2)]
    public void Threads_that_write_lock_mmap_lock_do_not_scale_and_processes_do(string test, double most)
    {
        Assert.InRange(Speedup(test, ScaleMode.Threads, 16), 0.05, most);
        Assert.InRange(Speedup(test, ScaleMode.Processes, 16), 14, 17);
    }

    [Theory]
    [InlineData("pread1")]
    [InlineData("context_switch1")]
    [InlineData("fallocate1")]
    public void Tests_of_separate_files_and_pipes_scale_either_way(string test)
    {
        Assert.InRange(Speedup(test, ScaleMode.Threads, 8), 7.5, 8.5);
        Assert.InRange(Speedup(test, ScaleMode.Processes, 8), 7.5, 8.5);
    }

    [Fact]
    public void What_does_not_scale_falls_where_the_lock_crosses_caches_and_sockets()
    {
        double within = Speedup("mmap1", ScaleMode.Threads, 8);
        double caches = Speedup("mmap1", ScaleMode.Threads, 64);
        double sockets = Speedup("mmap1", ScaleMode.Threads, 128);
        Assert.True(caches < within * 0.9, $"{caches} of one CPU on 64 with 8 caches, {within} on 8 that share one");
        Assert.True(sockets < caches * 0.95, $"{sockets} of one CPU on two sockets, {caches} on one");
    }

    // Published by the kernel test robot; see the README of the room.
    [Theory]
    [InlineData("mmap1", 64, 71_075)]
    [InlineData("brk1", 104, 207_757)]
    [InlineData("tlb_flush2", 104, 756_738)]
    public void What_many_threads_do_is_of_the_order_that_is_published(string test, int cpus, long perSecond)
    {
        var locks = new LockSettings { SocketCpus = cpus / 2, CacheCpus = cpus / 2 };
        const long windowNs = 1_000_000;
        long operations = Measure(test, ScaleMode.Threads, cpus, Quick, locks, windowNs, null).Operations;
        Assert.InRange(operations * (1e9 / windowNs), perSecond / 4.0, perSecond * 4.0);
    }

    [Fact]
    public void A_flush_costs_more_with_every_cpu_in_the_mask()
    {
        double last = double.MaxValue;
        foreach (int cpus in new[] { 2, 8, 32 })
        {
            double perCpu = Speedup("tlb_flush2", ScaleMode.Threads, cpus) / cpus;
            Assert.True(perCpu < last, $"{cpus} CPUs: {perCpu} of one CPU each, {last} with fewer");
            last = perCpu;
        }

        Assert.InRange(Speedup("tlb_flush2", ScaleMode.Processes, 32), 25, 33);
    }

    // Linux 6.18 on a virtual machine with 2 CPUs (EPYC): two tasks over one, within a quarter.
    [Theory]
    [InlineData("page_fault1", 2.04, 2.02)]
    [InlineData("page_fault2", 1.96, 2.00)]
    [InlineData("page_fault3", 1.72, 1.88)]
    [InlineData("brk1", 1.98, 1.45)]
    [InlineData("mmap1", 1.96, 1.01)]
    [InlineData("tlb_flush1", 1.99, 0.37)]
    public void Two_tasks_do_as_much_more_than_one_as_on_the_host(string test, double processes, double threads)
    {
        double ofProcesses = Speedup(test, ScaleMode.Processes, 2, costs: Hosts, locks: Epycs(60));
        double ofThreads = Speedup(test, ScaleMode.Threads, 2, costs: Hosts, locks: Epycs(60));
        Assert.InRange(ofProcesses, processes * 0.75, processes * 1.25);
        Assert.InRange(ofThreads, threads * 0.75, threads * 1.25);
    }

    // Another, whose CPUs the hypervisor moves: 'linuxmem calibrate --compare' while they share a cache, so that a line
    // takes 46 ns from one to the other, and while they do not, and it takes 205. Threads over processes.
    [Theory]
    [InlineData("page_fault1", 205, 0.957)]
    [InlineData("mmap1", 46, 0.77)]
    [InlineData("mmap1", 205, 0.49)]
    [InlineData("brk1", 46, 0.90)]
    [InlineData("brk1", 205, 0.57)]
    public void Two_threads_do_as_much_of_what_two_processes_do_as_on_a_host(string test, int lineNs, double ratio)
    {
        LockSettings locks = Epycs(lineNs);
        double processes = Measure(test, ScaleMode.Processes, 2, Quick, locks, 20_000_000, SlowHosts).Operations;
        double threads = Measure(test, ScaleMode.Threads, 2, Quick, locks, 20_000_000, SlowHosts).Operations;
        Assert.InRange(threads / processes, ratio * 0.75, ratio * 1.25);
    }

    // A third, whose system calls do not go through the hypervisor: with the costs measured there.
    [Theory]
    [InlineData("page_fault1", 0.89)]
    [InlineData("page_fault2", 0.98)]
    [InlineData("page_fault3", 0.90)]
    [InlineData("mmap1", 0.28)]
    [InlineData("brk1", 0.40)]
    public void Two_threads_do_as_much_of_what_two_processes_do_as_on_the_third_host(string test, double ratio)
    {
        var locks = new LockSettings { LineNs = 60, HandoffNs = 280 };
        double processes = Measure(test, ScaleMode.Processes, 2, Quick, locks, 5_000_000, QuickHosts).Operations;
        double threads = Measure(test, ScaleMode.Threads, 2, Quick, locks, 5_000_000, QuickHosts).Operations;
        Assert.InRange(threads / processes, ratio * 0.75, ratio * 1.25);
    }

    [Theory]
    [InlineData("page_fault1", ScaleMode.Threads)]
    [InlineData("page_fault3", ScaleMode.Threads)]
    [InlineData("tlb_flush2", ScaleMode.Threads)]
    [InlineData("brk1", ScaleMode.Threads)]
    [InlineData("fork1", ScaleMode.Processes)]
    [InlineData("context_switch1", ScaleMode.Processes)]
    public void Windows_and_threads_change_nothing(string test, ScaleMode mode)
    {
        (string digest, long operations) = Run(test, mode, 4, new EngineSettings { Audit = AuditLevel.End });
        foreach (long windowNs in new[] { 500, 7_000, 3_600_000_000_000 })
        {
            var engine = new EngineSettings { WindowNs = windowNs, Threads = 2, Audit = AuditLevel.Off };
            Assert.Equal((digest, operations), Run(test, mode, 4, engine));
        }
    }

    [Fact]
    public void Every_test_does_something_in_both_modes()
    {
        foreach (ScaleTest test in ScaleTest.All)
        {
            foreach (ScaleMode mode in Enum.GetValues<ScaleMode>())
                Assert.True(Run(test.Name, mode, 2, Quick).Operations > 0, $"{test.Name} {mode}");
        }
    }

    private static EngineSettings Quick => new() { Audit = AuditLevel.Off };

    private static double Speedup(string test, ScaleMode mode, int cpus, bool perVma = true,
        long windowNs = 2_000_000, KernelCosts? costs = null, LockSettings? locks = null)
    {
        locks ??= new LockSettings { PerVma = perVma };
        double one = Measure(test, mode, 1, Quick, locks, windowNs, costs).Operations;
        return Measure(test, mode, cpus, Quick, locks, windowNs, costs).Operations / one;
    }

    private static (string Digest, long Operations) Run(string test, ScaleMode mode, int cpus, EngineSettings engine) =>
        Measure(test, mode, cpus, engine, new LockSettings(), 300_000, null);

    private static (string Digest, long Operations) Measure(string test, ScaleMode mode, int cpus,
        EngineSettings engine, LockSettings locks, long windowNs, KernelCosts? costs)
    {
        var scale = new ScaleScenario(ScaleTest.Find(test)!, new ScaleSettings(mode, cpus)
        {
            WindowNs = windowNs,
            Engine = engine,
            Machine = new MachineSettings
            {
                Locks = locks,
                KernelCosts = costs ?? new KernelCosts(),
            },
        });
        RunResult result = MachineRun.Execute(scale.Scenario, NullLoggerFactory.Instance);
        Assert.Empty(result.Audit.Violations);
        Assert.DoesNotContain(result.Processes, p => p.Ppid == 1 && p.EndNs >= 0);
        return (result.Digest, scale.Operations);
    }
}
