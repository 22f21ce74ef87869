using LinuxMem.Abi;
using LinuxMem.Actors.Auditing;
using LinuxMem.Arch.Tlbs;
using LinuxMem.Mm;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tlb;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Benchmarks.Loads;

/// <summary>
/// One CPU and the kernel, called in a loop: what the machine costs without actors, rounds and messages.
/// </summary>
internal sealed class DirectMachine : IDisposable
{
    private readonly List<int> ready = [];
    private readonly MachineSettings settings;
    private long nowNs;

    public DirectMachine(ulong memoryBytes)
    {
        settings = Machines.Settings(1, memoryBytes);
        Kernel = new Mm.Kernel(settings, 1, new NoObserver());
        Kernel.Memory.Coherence.GatherReady = (id, _) => ready.Add(id);
        Mmu = new Mmu(0, Kernel.Memory.Ram, settings.Paging, settings.Tlb, settings.MmuCosts, 1);
    }

    public Mm.Kernel Kernel { get; }

    public Mmu Mmu { get; }

    /// <summary>A new process, loaded on the CPU.</summary>
    public TaskStruct Start(IProgram program)
    {
        var cost = default(WorkCost);
        TaskStruct task = Kernel.Start.Start(program, ResourceLimits.Default, 0, false, At, ref cost)
            ?? throw new InvalidOperationException("out of memory");
        Load(task);
        program.Start(new ProgramStart(task.Tid, task.Tid, task.Seed, settings.Paging.PageShift, task.Layout));
        return task;
    }

    /// <summary>Makes a task's address space the CPU's.</summary>
    public void Load(TaskStruct task)
    {
        ushort asid = Kernel.Memory.Coherence.SwitchTo(0, task.Mm, nowNs);
        Mmu.Load(task.Mm.Context, asid, task.Accesses);
        LeaveKernel();
    }

    /// <summary>Runs a program to its exit.</summary>
    public void Run(IProgram program)
    {
        TaskStruct task = Start(program);
        var batch = new AccessBatch(settings.Paging.PageShift);
        while (task.State != TaskState.Dead)
        {
            batch.Reset();
            SyscallResult last = task.Result;
            task.Result = default;
            program.Next(batch, last);
            while (Mmu.Run(batch, ref nowNs, long.MaxValue, out MmuFault fault) == MmuStop.Fault)
                Serve(new Trap(TrapKind.PageFault, task, At, fault.Address.Value, fault.Kind, fault.NonCanonical));
            if (batch.HasCall)
                Call(task, batch.Call);
        }
    }

    /// <summary>Serves a system call, frees what it unmapped, and returns its result.</summary>
    public SyscallResult Call(TaskStruct task, in SyscallRequest request)
    {
        Serve(new Trap(TrapKind.Syscall, task, At, request: request));
        return task.Result;
    }

    /// <summary>Serves a page fault.</summary>
    public void Fault(TaskStruct task, ulong va, AccessKind kind) =>
        Serve(new Trap(TrapKind.PageFault, task, At, va, kind));

    public void Dispose()
    {
        Mmu.Dispose();
        Kernel.Dispose();
    }

    private TrapPoint At => new(0, nowNs);

    private void Serve(in Trap trap)
    {
        TrapOutcome outcome = Kernel.Serve(trap, []);
        if (outcome.Action is TrapAction.NeedsPages or TrapAction.Block)
            throw new InvalidOperationException($"{outcome.Action} needs a whole machine");
        nowNs += outcome.CostNs;
        LeaveKernel();
        foreach (int id in ready)
            Kernel.Memory.FreeGather(Kernel.Memory.Coherence.TakeParked(id));
        ready.Clear();
    }

    private void LeaveKernel()
    {
        CpuTlbState state = Kernel.Memory.Coherence[0];
        Kernel.Memory.Coherence.EnteredKernel(0, nowNs, idles: false);
        foreach (InvalidateCommand command in state.Pending)
        {
            state.CarriedOut(command);
            if (command.PageCount == InvalidateCommand.WholeAsid)
                Mmu.FlushAsid(command.Asid);
            else
                Mmu.Invalidate(command.Asid, command.FirstVpn, command.PageCount);
        }

        state.Pending.Clear();
    }
}
