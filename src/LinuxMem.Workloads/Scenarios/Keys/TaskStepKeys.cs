using System.Collections.Immutable;
using LinuxMem.Abi;
using LinuxMem.Workloads.Programs.Steps;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>The keys of steps that start, end, or hold up tasks.</summary>
internal static class TaskStepKeys
{
    /// <summary>The most tasks that one step, or one scenario, starts.</summary>
    public const ulong TasksMax = 1_000_000;

    private const int ChildNameCharsMax = 32;

    /// <summary>loop.</summary>
    public static Shape<Step> Loop()
    {
        var times = Key.Required("times", new CountShape(1, AccessStepKeys.CountMax), "How often the steps are done.");
        Key<ImmutableArray<Step>> steps = StepKeys.Nested("The steps.");
        return new ObjectShape<Step>("a loop", [times, steps], v => new LoopStep(v.Get(times), v.Get(steps)));
    }

    /// <summary>fork.</summary>
    public static Shape<Step> Fork()
    {
        Key<ImmutableArray<Step>> steps = StepKeys.Nested(
            "What the child does; it has a copy of the memory and knows its regions.");
        Key<ulong> count = Count();
        var name = Key.Optional<string?>("as", OrNull(new NameShape(ChildNameCharsMax)), null,
            "A name to wait for the child by.");
        Key<string?> comm = Comm();
        Key<bool> vfork = Key.Optional("vfork", new FlagShape(), false, "Whether it is vfork: the child has its "
            + "parent's memory itself, and the parent waits until the child has executed something or is gone.");
        Key<Errno> expect = StepKeys.Expect();
        return new ObjectShape<Step>("a fork step", [steps, count, name, comm, vfork, expect], v =>
        {
            if (v.Has(name) && v.Get(count) > 1)
                v.Fail(name,
                    $"\"as\" names one child but \"count\" is {v.Get(count)}; expected no name, or a count of 1");
            return new ForkStep(v.Get(steps), v.Get(count))
            {
                Name = v.Get(name),
                Comm = v.Get(comm),
                Borrows = v.Get(vfork),
                Expect = v.Get(expect),
            };
        });
    }

    /// <summary>thread.</summary>
    public static Shape<Step> Thread()
    {
        Key<ImmutableArray<Step>> steps = StepKeys.Nested(
            "What the thread does; it shares the memory and knows the regions so far.");
        Key<ulong> count = Count();
        Key<string?> comm = Comm();
        Key<Errno> expect = StepKeys.Expect();
        return new ObjectShape<Step>("a thread step", [steps, count, comm, expect], v =>
            new ThreadStep(v.Get(steps), v.Get(count)) { Comm = v.Get(comm), Expect = v.Get(expect) });
    }

    /// <summary>exec.</summary>
    public static Shape<Step> Exec()
    {
        ProgramKeys program = ProgramKeys.Make();
        Key<ImmutableArray<Step>> steps = StepKeys.Nested("What the program does.");
        Key<Errno> expect = StepKeys.Expect();
        return new ObjectShape<Step>("an exec step", [.. program.All, steps, expect], v =>
            new ExecStep(program.Program(v, v.Get(steps))) { Expect = v.Get(expect) });
    }

    /// <summary>wait.</summary>
    public static Shape<Step> Wait()
    {
        var child = new MapShape<string, Step>(
            new NameShape(ChildNameCharsMax), name => new WaitStep(WaitFor.Named, name));
        return new UnionShape<Step>("a wait",
        [
            new("one", "For whichever child ends first.", Bare(new WaitStep(WaitFor.One))),
            new("all", "For all children that were forked and not waited for.", Bare(new WaitStep(WaitFor.All))),
            new("child", "For the child of this name.", child),
        ]);
    }

    /// <summary>sleep.</summary>
    public static Shape<Step> Sleep() =>
        new MapShape<ulong, Step>(new TimeShape(0, TimeShape.LongestNs), ns => new SleepStep(ns));

    /// <summary>yield.</summary>
    public static Shape<Step> Yield() => Bare(new YieldStep());

    /// <summary>exit.</summary>
    public static Shape<Step> Exit() =>
        new MapShape<ulong, Step>(new CountShape(0, 255), code => new ExitStep((int)code));

    /// <summary>A shape that may be absent, as a reference.</summary>
    public static Shape<string?> OrNull(Shape<string> shape) => new MapShape<string, string?>(shape, s => s);

    /// <summary>A step without keys.</summary>
    public static ObjectShape<Step> Bare(Step step) => new("this step", [], _ => step with { });

    private static Key<ulong> Count() =>
        Key.Optional("count", new CountShape(1, TasksMax), 1UL, "How many, one started after the other.");

    private static Key<string?> Comm() =>
        Key.Optional<string?>("name", OrNull(new NameShape(ProgramKeys.CommCharsMax)), null,
            "Command name; left out, the parent's.");
}
