using BenchmarkDotNet.Attributes;
using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Benchmarks.Loads;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Random;

namespace LinuxMem.Benchmarks.Micro;

/// <summary>The kernel's smallest pieces of work.</summary>
[ShortRunJob]
public class KernelMicro
{
    private const int Vmas = 1000;
    private const int FaultPages = 1024;
    private DirectMachine machine = null!;
    private TaskStruct task = null!;
    private TaskStruct mapped = null!;
    private RandomStream stream = new(1);
    private ulong lowest;

    [GlobalSetup]
    public void Setup()
    {
        machine = new DirectMachine(1UL << 30);
        mapped = machine.Start(new TouchProgram(1, null));
        // A hole between each two, so that they do not merge.
        lowest = (ulong)machine.Call(mapped, Calls.Mmap(Vmas * 2 << 12)).Value;
        for (ulong i = 0; i < Vmas; i++)
        {
            ulong hole = lowest + (((i * 2) + 1) << 12);
            machine.Call(mapped, new SyscallRequest { Nr = SyscallNr.Munmap, A0 = hole, A1 = 4096 });
        }

        task = machine.Start(new TouchProgram(1, null));
    }

    [GlobalCleanup]
    public void Cleanup() => machine.Dispose();

    /// <summary>An order-0 frame taken and given back: the per-CPU list.</summary>
    [Benchmark]
    public void AllocAndFreePage() => AllocAndFree(new Order(0));

    /// <summary>An order-9 block taken and given back: the buddy lists.</summary>
    [Benchmark]
    public void AllocAndFreeOrder9() => AllocAndFree(new Order(9));

    /// <summary>find_vma among a thousand.</summary>
    [Benchmark]
    public Vma? FindVma() => mapped.Mm.Vmas.Tree.Find(lowest + (stream.Below(Vmas * 2) << 12));

    /// <summary>mmap, a fault for each page, munmap; by the page.</summary>
    [Benchmark(OperationsPerInvoke = FaultPages)]
    public void FaultIn()
    {
        ulong start = (ulong)machine.Call(task, Calls.Mmap(FaultPages << 12)).Value;
        for (ulong page = 0; page < FaultPages; page++)
            machine.Fault(task, start + (page << 12), AccessKind.Write);
        machine.Call(task, new SyscallRequest { Nr = SyscallNr.Munmap, A0 = start, A1 = FaultPages << 12 });
    }

    private void AllocAndFree(Order order)
    {
        PageAllocator allocator = machine.Kernel.Memory.Allocator;
        Pfn pfn = allocator.AllocPages(0, GfpFlags.Kernel, order, FramePlace.Kernel, out _);
        machine.Kernel.Memory.Map[pfn].RefCount = 0;
        allocator.FreePages(0, pfn, order, out _);
    }
}
