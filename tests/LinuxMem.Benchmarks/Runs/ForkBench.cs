using LinuxMem.Abi;
using LinuxMem.Benchmarks.Loads;
using LinuxMem.Benchmarks.Measuring;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Benchmarks.Runs;

/// <summary>fork of a process with 100 MiB resident, and the exits of the child and of a process of its own.</summary>
internal sealed class ForkBench : IBench
{
    private const ulong Bytes = 100 << 20;
    private const int Times = 40;
    private const double TargetMs = 1.5;

    public string Name => "fork";

    public string About => "fork and exit of 100 MiB resident";

    public void Run(Report report)
    {
        // What runs is compiled well by then.
        InActors(Times);
        Direct(Times, out _, out _);
        ExitAndFree();
        // Of several runs the best median: a slow moment of the host is longer than one of them.
        ForkProgram program = InActors(Times);
        double fork = double.MaxValue, exit = double.MaxValue;
        for (int i = 0; i < 3; i++)
        {
            Direct(Times / 2, out double oneFork, out double oneExit);
            fork = Math.Min(fork, oneFork);
            exit = Math.Min(exit, oneExit);
        }

        report.AddAtMost("fork, the kernel's code alone", fork * 1e3, "ms", TargetMs);
        report.AddAtMost("exit of the child, the kernel's code alone", exit * 1e3, "ms", TargetMs);
        report.AddAtMost("exit and free, the kernel's code alone", Measure.Best(3, ExitAndFree) * 1e3, "ms", TargetMs);
        report.AddAtMost("fork in actors, median", Median(program.Forks) * 1e3, "ms", TargetMs);
        report.AddAtMost("exit in actors to the parent's wait, median", Median(program.Exits) * 1e3, "ms", TargetMs);
    }

    private static ForkProgram InActors(int times)
    {
        var program = new ForkProgram(Bytes, times);
        // No slice ends between fork and wait, so that the child runs when the parent waits.
        Machines.Run(Machines.Settings(1, 512UL << 20) with { SliceNs = 1_000_000_000 }, [() => program]);
        return program;
    }

    private static void Direct(int times, out double fork, out double exit)
    {
        using var machine = new DirectMachine(512UL << 20);
        TaskStruct parent = machine.Start(new ForkProgram(Bytes, 0));
        machine.Call(parent, Calls.Mmap(Bytes, MapFlags.Populate));
        var forks = new List<double>();
        var exits = new List<double>();
        for (int i = 0; i < times; i++)
        {
            forks.Add(Measure.Seconds(() => machine.Call(parent, Calls.Fork(new ForkProgram(0, 0)))));
            TaskStruct child = machine.Kernel.Woken[^1];
            machine.Kernel.Woken.Clear();
            exits.Add(Measure.Seconds(() => machine.Call(child, Calls.Exit)));
            machine.Call(parent, Calls.WaitAny);
        }

        fork = Median(forks);
        exit = Median(exits);
    }

    // A process that shares nothing: each of its frames goes back to the allocator.
    private static double ExitAndFree()
    {
        using var machine = new DirectMachine(512UL << 20);
        var exits = new List<double>();
        for (int i = 0; i < Times / 2; i++)
        {
            TaskStruct task = machine.Start(new ForkProgram(Bytes, 0));
            machine.Call(task, Calls.Mmap(Bytes, MapFlags.Populate));
            exits.Add(Measure.Seconds(() => machine.Call(task, Calls.Exit)));
        }

        return Median(exits);
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
