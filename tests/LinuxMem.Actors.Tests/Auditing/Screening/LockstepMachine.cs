using Akka.Actor;
using LinuxMem.Abi;
using LinuxMem.Actors.Cpu;
using LinuxMem.Actors.Files;
using LinuxMem.Actors.Kernel;
using LinuxMem.Actors.Messages;
using LinuxMem.Mm.Block;
using LinuxMem.Mm.Swap;
using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation.Random;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Tests.Auditing.Screening;

/// <summary>A machine without actors: what the kernel sends is carried out in order.</summary>
internal sealed class LockstepMachine : IMachinePorts, IDisposable
{
    private readonly Queue<object> messages = new();
    private readonly Dictionary<int, IProgram> programs = [];
    private readonly PageCacheServer cache = new();
    private readonly BatchExchange exchange = new() { Cpu = ActorRefs.Nobody };
    private readonly CpuCore[] cores;
    private readonly BlockDeviceServer[] disks;
    private readonly SwapServer swap;

    public LockstepMachine(Scenario scenario)
    {
        cores = [.. Enumerable.Range(0, scenario.Machine.Cpus).Select(_ => new CpuCore(12))];
        swap = new SwapServer(scenario.Machine.Swap);
        disks = [.. scenario.Machine.Disks.Select((disk, i) => new BlockDeviceServer(
            new BlockDevice(disk, RandomStream.Derive(scenario.Seed, "disk", (ulong)i),
                scenario.Machine.FirstSwapSectorOf(i))))];
        Loop = new KernelLoop(scenario, this);
        Loop.Audit.ScreensAreTested = true;
        Loop.Start();
    }

    public KernelLoop Loop { get; }

    public long Audits { get; private set; }

    public RunResult Run(Action<PageCacheRequest>? beforeAudit = null)
    {
        while (Loop.Result is null)
            Deliver(messages.Dequeue(), beforeAudit);
        return Loop.Result;
    }

    public void Dispose() => Loop.Dispose();

    void IMachinePorts.Grant(CpuSlot slot) => messages.Enqueue(slot);

    void IMachinePorts.Ask(PageCacheRequest request) => messages.Enqueue(request);

    void IMachinePorts.Exchange(BlockExchange exchange) => messages.Enqueue(exchange);

    void IMachinePorts.Swap(SwapExchange exchange) => messages.Enqueue(exchange);

    IActorRef IMachinePorts.ProcessOf(TaskStruct task) => ActorRefs.Nobody;

    void IMachinePorts.Ended(ThreadGroup group)
    {
    }

    void IMachinePorts.Crash(Crashes.CrashOrder order) => throw new NotSupportedException();

    void IMachinePorts.SpreadWork(bool pays)
    {
    }

    bool IMachinePorts.WantsProgress => false;

    void IMachinePorts.Report(RunProgress progress)
    {
    }

    void IMachinePorts.Finished()
    {
    }

    private void Deliver(object message, Action<PageCacheRequest>? beforeAudit)
    {
        if (message is CpuSlot slot)
        {
            Run(slot);
            Loop.OnReport(slot);
            return;
        }

        if (message is SwapExchange exchange)
        {
            swap.Answer(exchange);
            Loop.OnSwap(exchange);
            return;
        }

        if (message is BlockExchange disk)
        {
            disks[disk.Device].Answer(disk);
            Loop.OnDevice(disk);
            return;
        }

        var request = (PageCacheRequest)message;
        cache.Answer(request);
        if (request.Question == PageCacheQuestion.Export)
        {
            Audits++;
            beforeAudit?.Invoke(request);
        }

        Loop.OnPageCache(request);
    }

    private void Run(CpuSlot slot)
    {
        CpuCore core = cores[slot.Cpu];
        CpuNeed need = core.Begin(slot);
        while (need == CpuNeed.Batch)
        {
            if (slot.NewProgram is { } program)
            {
                programs[slot.Tid] = program;
                program.Start(slot.Start);
            }

            slot.NewProgram = null;
            AccessBatch batch = core.EmptyBatch();
            programs[slot.Tid].Next(batch, slot.Result);
            exchange.Batch = batch;
            need = core.Continue(exchange);
        }
    }
}
