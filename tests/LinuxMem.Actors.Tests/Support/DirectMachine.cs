using Akka.Actor;
using LinuxMem.Abi;
using LinuxMem.Actors.Cpu;
using LinuxMem.Actors.Crashes;
using LinuxMem.Actors.Files;
using LinuxMem.Actors.Kernel;
using LinuxMem.Actors.Messages;
using LinuxMem.Actors.Processes;
using LinuxMem.Mm.Block;
using LinuxMem.Mm.Swap;
using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation.Random;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Tests.Support;

/// <summary>
/// A machine without actors: the kernel's loop, the CPUs' cores and the programs, their messages in one queue. A step
/// delivers one message.
/// </summary>
internal sealed class DirectMachine : IMachinePorts, IDisposable
{
    private readonly Queue<object> messages = new();
    private readonly Dictionary<int, ProcessPrograms> groups = [];
    private readonly Dictionary<int, ProcessPrograms> byTask = [];
    private readonly PageCacheServer cache = new();
    private readonly BatchExchange exchange = new() { Cpu = ActorRefs.Nobody };
    private readonly CpuCore[] cores;
    private readonly BlockDeviceServer[] disks;
    private readonly SwapServer swap;

    public DirectMachine(Scenario scenario)
    {
        cores = new CpuCore[scenario.Machine.Cpus];
        for (int i = 0; i < cores.Length; i++)
            cores[i] = new CpuCore(scenario.Machine.Paging.PageShift);
        swap = new SwapServer(scenario.Machine.Swap);
        disks = [.. scenario.Machine.Disks.Select((disk, i) => new BlockDeviceServer(
            new BlockDevice(disk, RandomStream.Derive(scenario.Seed, "disk", (ulong)i),
                scenario.Machine.FirstSwapSectorOf(i))))];
        Loop = new KernelLoop(scenario, this);
        Insides = new LoopInsides(Loop);
        Loop.Start();
    }

    public KernelLoop Loop { get; }

    /// <summary>What the loop keeps to itself.</summary>
    public LoopInsides Insides { get; }

    /// <summary>Called with every answer of the page cache that the audit waits for, before it looks.</summary>
    public Action<PageCacheRequest>? BeforeAudit { get; set; }

    /// <summary>Called with every message before it is delivered; and whether it comes from the kernel.</summary>
    public Action<object, bool>? BeforeDelivery { get; set; }

    public List<int> EndedPids { get; } = [];

    public bool Done { get; private set; }

    public static RunResult Execute(Scenario scenario)
    {
        using var machine = new DirectMachine(scenario);
        return machine.RunToEnd();
    }

    public RunResult RunToEnd()
    {
        while (!Done)
            Step();
        return Loop.Result!;
    }

    /// <summary>Delivers a message.</summary>
    public void Step()
    {
        try
        {
            Deliver();
        }
        catch (MachineStallsException end)
        {
            Loop.End(end);
        }
    }

    private void Deliver()
    {
        switch (messages.Dequeue())
        {
            case CpuSlot slot:
                BeforeDelivery?.Invoke(slot, true);
                RunCpu(slot);
                BeforeDelivery?.Invoke(slot, false);
                Loop.OnReport(slot);
                break;
            case CrashOrder order:
                if (order.Kind == ActorKind.PageCache)
                    cache.Lose();
                if (order.Kind == ActorKind.Disk)
                    disks[order.Number].Lose();
                Loop.OnRestarted(order);
                break;
            case SwapExchange exchange:
                swap.Answer(exchange);
                Loop.OnSwap(exchange);
                break;
            case BlockExchange exchange:
                disks[exchange.Device].Answer(exchange);
                Loop.OnDevice(exchange);
                break;
            case PageCacheRequest request:
                BeforeDelivery?.Invoke(request, true);
                cache.Answer(request);
                BeforeDelivery?.Invoke(request, false);
                if (request.Question == PageCacheQuestion.Export)
                    BeforeAudit?.Invoke(request);
                Loop.OnPageCache(request);
                break;
        }
    }

    public void Dispose() => Loop.Dispose();

    void IMachinePorts.Grant(CpuSlot slot) => messages.Enqueue(slot);

    void IMachinePorts.Ask(PageCacheRequest request) => messages.Enqueue(request);

    void IMachinePorts.Exchange(BlockExchange exchange) => messages.Enqueue(exchange);

    void IMachinePorts.Swap(SwapExchange exchange) => messages.Enqueue(exchange);

    IActorRef IMachinePorts.ProcessOf(TaskStruct task)
    {
        if (!groups.TryGetValue(task.Group.Pid, out ProcessPrograms? programs))
            groups.Add(task.Group.Pid, programs = new ProcessPrograms());
        byTask[task.Tid] = programs;
        return ActorRefs.Nobody;
    }

    void IMachinePorts.Ended(ThreadGroup group)
    {
        groups.Remove(group.Pid);
        EndedPids.Add(group.Pid);
    }

    void IMachinePorts.Crash(CrashOrder order) => messages.Enqueue(order);

    void IMachinePorts.SpreadWork(bool pays)
    {
    }

    bool IMachinePorts.WantsProgress => false;

    void IMachinePorts.Report(RunProgress progress)
    {
    }

    void IMachinePorts.Finished() => Done = true;

    private void RunCpu(CpuSlot slot)
    {
        CpuCore core = cores[slot.Cpu];
        CpuNeed need = core.Begin(slot);
        while (need == CpuNeed.Batch)
        {
            ProcessPrograms programs = byTask[slot.Tid];
            if (slot.NewProgram is { } program)
                programs.Start(program, slot.Start);
            slot.NewProgram = null;
            AccessBatch batch = core.EmptyBatch();
            if (slot.Signals is { Count: > 0 } signals)
                programs.Handle(slot.Tid, signals);
            programs.Fill(slot.Tid, batch, slot.Result);
            exchange.Batch = batch;
            need = core.Continue(exchange);
        }
    }
}
