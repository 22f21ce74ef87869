using System.Collections.Immutable;
using LinuxMem.Abi;

namespace LinuxMem.Workloads.Programs.Steps;

/// <summary>Starts tasks that run other steps, one after the other.</summary>
/// <param name="Steps">What each of them does.</param>
/// <param name="Count">How many, at least 1.</param>
public abstract record SpawnStep(ImmutableArray<Step> Steps, ulong Count) : Step
{
    /// <summary>The error that is expected of every call; None for success.</summary>
    public Errno Expect { get; init; } = Errno.None;

    /// <summary>Command name of the tasks; null for the parent's.</summary>
    public string? Comm { get; init; }

    internal override bool Advance(StepContext context, AccessBatch batch)
    {
        if (context.Phase > 0 && context.Succeeded(Expect))
            Spawned(context, (int)context.Last.Value);
        if (context.Phase == Count || context.HasFailed)
            return true;
        context.Phase++;
        batch.SetCall(Call(context, context.Spec with { Comm = Comm ?? context.Spec.Comm, Steps = Steps }));
        return false;
    }

    private protected abstract SyscallRequest Call(StepContext context, ProgramSpec child);

    private protected abstract void Spawned(StepContext context, int id);
}

/// <summary>
/// fork: the child has a copy of the address space and knows its regions by the same names; or vfork: it has the memory
/// itself.
/// </summary>
public sealed record ForkStep(ImmutableArray<Step> Steps, ulong Count = 1) : SpawnStep(Steps, Count)
{
    /// <summary>A name to wait for the child by; the last one's if there are several.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// Whether the child runs in its parent's memory, and the parent waits until it has executed something or is gone.
    /// </summary>
    public bool Borrows { get; init; }

    private protected override SyscallRequest Call(StepContext context, ProgramSpec child) =>
        new()
        {
            Nr = Borrows ? SyscallNr.Vfork : SyscallNr.Fork,
            Child = StepProgram.Child(child, context, isThread: false),
        };

    private protected override void Spawned(StepContext context, int id)
    {
        context.ChildrenLeft++;
        if (Name is not null)
            context.NameChild(Name, id);
    }
}

/// <summary>clone of a thread: it shares the address space, and knows the regions that have names so far.</summary>
public sealed record ThreadStep(ImmutableArray<Step> Steps, ulong Count = 1) : SpawnStep(Steps, Count)
{
    private protected override SyscallRequest Call(StepContext context, ProgramSpec child) => new()
    {
        Nr = SyscallNr.Clone,
        A0 = (ulong)(CloneFlags.Vm | CloneFlags.SigHand | CloneFlags.Thread),
        Child = StepProgram.Child(child, context, isThread: true),
    };

    private protected override void Spawned(StepContext context, int id)
    {
    }
}

/// <summary>execve: the process gets a new image and runs another program.</summary>
/// <param name="Program">The program; shared by all processes that execute it.</param>
public sealed record ExecStep(ProgramSpec Program) : CallStep
{
    private protected override SyscallRequest Call(StepContext context) =>
        new() { Nr = SyscallNr.Execve, Child = new StepProgram(Program), Operands = Program.Elf?.Operands() };
}

/// <summary>Which children a <see cref="WaitStep"/> waits for.</summary>
public enum WaitFor
{
    /// <summary>Whichever child ends first.</summary>
    One,

    /// <summary>All children that this task has forked and not waited for yet.</summary>
    All,

    /// <summary>The child of a given name.</summary>
    Named,
}

/// <summary>wait4.</summary>
/// <param name="For">Which children.</param>
/// <param name="Name">With <see cref="WaitFor.Named"/>: which one.</param>
public sealed record WaitStep(WaitFor For, string? Name = null) : Step
{
    /// <summary>The error that is expected; None for success.</summary>
    public Errno Expect { get; init; } = Errno.None;

    internal override bool Advance(StepContext context, AccessBatch batch)
    {
        bool isFirst = context.Phase == 0;
        if (!isFirst)
        {
            if (context.Succeeded(Expect))
                context.ChildrenLeft -= Math.Min(1, context.ChildrenLeft);
            else
                return true;
        }

        bool goesOn = For == WaitFor.All ? context.ChildrenLeft > 0 : isFirst;
        if (!goesOn)
            return true;
        long pid = For == WaitFor.Named ? context.ChildNamed(Name!) : -1;
        batch.SetCall(new SyscallRequest { Nr = SyscallNr.Wait4, A0 = (ulong)pid });
        context.Phase = 1;
        return false;
    }
}
