using System.Collections.Immutable;
using LinuxMem.Abi;
using LinuxMem.Workloads.Programs;
using LinuxMem.Workloads.Programs.Steps;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>An entry of a scenario's processes: one program, and how many processes run it from when.</summary>
/// <param name="Program">The program.</param>
/// <param name="Count">Number of processes.</param>
/// <param name="StartNs">When the first one starts.</param>
/// <param name="EveryNs">From one start to the next.</param>
/// <param name="Limits">Resource limits of each.</param>
/// <param name="OomScoreAdj">How readily each is killed when memory is out.</param>
internal sealed record ProcessGroup(
    ProgramSpec Program, ulong Count, ulong StartNs, ulong EveryNs, ResourceLimits Limits, int OomScoreAdj)
{
    /// <summary>Which fault point fails that the first task of each passes; 0 for none.</summary>
    public int FailNth { get; init; }

    /// <summary>Whether each passes the task filters of faults.</summary>
    public bool MakeItFail { get; init; }

    /// <summary>The CPUs that each may run on; empty for all.</summary>
    public ImmutableArray<ulong> Affinity { get; init; } = [];

    /// <summary>The memory cgroup of each; null for the root.</summary>
    public string? Cgroup { get; init; }
}

/// <summary>The keys of an entry of the processes.</summary>
internal static class ProcessKeys
{
    /// <summary>The region of a program that is given as a pattern only.</summary>
    private const string Memory = "memory";

    /// <summary>An entry.</summary>
    public static Shape<ProcessGroup> Shape()
    {
        ProgramKeys program = ProgramKeys.Make();
        var count = Key.Optional("count", new CountShape(1, TaskStepKeys.TasksMax), 1UL, "How many such processes.");
        var startAt = Key.Optional("startAt", new TimeShape(0, TimeShape.LongestNs), 0UL, "When the first one starts.");
        var every = Key.Optional("every", new TimeShape(0, TimeShape.LongestNs), 0UL, "From one start to the next.");
        var limits = Key.Optional("limits", LimitsShape(), ResourceLimits.Default, "Resource limits.");
        var oom = Key.Optional("oomScoreAdj", new SignedShape(-1000, 1000), 0,
            "How readily it is killed when memory is out: -1000 never, 1000 before all others.");
        var failNth = Key.Optional("failNth", new CountShape(0, int.MaxValue), 0UL,
            "Which of the fault points that its first task passes fails, from 1 (/proc/PID/fail-nth); 0 for none.");
        var makeItFail = Key.Optional("makeItFail", new FlagShape(), false,
            "Whether it passes the task filters of faults (/proc/PID/make-it-fail); children inherit it.");
        var affinity = Key.Optional("affinity", new ListShape<ulong>(new CountShape(0, 1023), 1024, "CPUs"), [],
            "The CPUs that it may run on, and its children; left out, all.");
        Key<string?> group = GroupKeys.OfProcess();
        var steps = Key.Optional("steps", new NamedShape<ImmutableArray<Step>>("steps", () => StepKeys.Steps), [],
            "What the program does; then it exits with code 0.");
        var pattern = Key.Optional("program", PatternProgram(), [],
            "Short for a program that maps memory and accesses it.");
        Key[] keys =
        [
            .. program.All, count, startAt, every, limits, oom, failNth, makeItFail, affinity, group, steps, pattern,
        ];
        return new ObjectShape<ProcessGroup>("a process", keys, v =>
        {
            if (v.Has(steps) == v.Has(pattern))
            {
                string found = v.Has(steps) ? "both \"steps\" and" : "neither \"steps\" nor";
                v.Fail($"a process has {found} \"program\"; expected one of them");
            }

            UInt128 last = v.Get(startAt) + ((UInt128)(v.Get(count) - 1) * v.Get(every));
            if (last > TimeShape.LongestNs)
                v.Fail(every,
                    $"the last of {v.Get(count)} processes would start after {TimeShape.Format(TimeShape.LongestNs)}; "
                    + "expected all to start before");
            return new ProcessGroup(program.Program(v, v.Has(steps) ? v.Get(steps) : v.Get(pattern)),
                v.Get(count), v.Get(startAt), v.Get(every), v.Get(limits), (int)v.Get(oom))
            {
                FailNth = (int)v.Get(failNth),
                MakeItFail = v.Get(makeItFail),
                Affinity = v.Get(affinity),
                Cgroup = v.Get(group),
            };
        });
    }

    private static Shape<ResourceLimits> LimitsShape()
    {
        ResourceLimits usual = ResourceLimits.Default;
        var size = new SizeShape(0, ulong.MaxValue, hasUnlimited: true);
        var stack = Key.Optional("stack", size, usual.StackBytes, "RLIMIT_STACK: the most a stack may grow to.");
        var data = Key.Optional("data", size, usual.DataBytes, "RLIMIT_DATA: private writable memory.");
        var space = Key.Optional("as", size, usual.AddressSpaceBytes, "RLIMIT_AS: the whole address space.");
        var memlock = Key.Optional("memlock", size, usual.MemlockBytes, "RLIMIT_MEMLOCK: locked memory.");
        return new ObjectShape<ResourceLimits>("the limits", [stack, data, space, memlock], v =>
            new ResourceLimits(v.Get(stack), v.Get(data), v.Get(space), v.Get(memlock)));
    }

    private static Shape<ImmutableArray<Step>> PatternProgram()
    {
        var memory = Key.Required("memory", new SizeShape(8, 1UL << 57), "How much memory to map.");
        var pattern = Key.Required("pattern", PatternKeys.Shape, "How to walk through it.");
        var count = Key.Required("count", new CountShape(1, AccessStepKeys.CountMax), "Number of accesses.");
        Key<AccessKind> kind = AccessStepKeys.KindKey(AccessKind.Read);
        Key<ulong> writePercent = AccessStepKeys.WritePercentKey();
        return new ObjectShape<ImmutableArray<Step>>("a program", [memory, pattern, count, kind, writePercent], v =>
        {
            var map = new MmapStep(v.Get(memory), Memory);
            var access = new AccessStep(Memory, v.Get(pattern))
            {
                Count = v.Get(count),
                Mix = AccessStepKeys.MixOf(v, kind, writePercent),
            };
            v.Context.Locate(map, v.Position);
            v.Context.Locate(access, v.Position);
            return [map, access];
        });
    }
}
