using BenchmarkDotNet.Attributes;
using LinuxMem.Abi;
using LinuxMem.Arch.Tlbs;
using LinuxMem.Benchmarks.Loads;
using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation.Random;

namespace LinuxMem.Benchmarks.Micro;

/// <summary>4,096 random loads a batch, drawn beforehand: over what the TLBs hold, and over what they do not.</summary>
[ShortRunJob]
public class MmuMicro
{
    private readonly AccessBatch batch = new(12);
    private DirectMachine machine = null!;
    private long nowNs;

    [Params(48, 1024, 1 << 18)]
    public int Pages { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        machine = new DirectMachine(1280UL << 20);
        TaskStruct task = machine.Start(new TouchProgram(1, null));
        ulong bytes = (ulong)Pages << 12;
        ulong start = (ulong)machine.Call(task, Calls.Mmap(bytes, MapFlags.Populate)).Value;
        var stream = new RandomStream(1);
        foreach (ref ulong entry in batch.AddScatter(AccessBatch.ScatterCapacityMax))
            entry = ScatterEntry.Pack(start + (stream.Below(bytes >> 3) << 3), AccessKind.Read);
    }

    [GlobalCleanup]
    public void Cleanup() => machine.Dispose();

    [Benchmark(OperationsPerInvoke = AccessBatch.ScatterCapacityMax)]
    public MmuStop Load()
    {
        batch.RunIndex = 0;
        batch.DoneInRun = 0;
        return machine.Mmu.Run(batch, ref nowNs, long.MaxValue, out _);
    }
}
