using LinuxMem.Abi;
using LinuxMem.Workloads.Programs.Steps;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>The keys of steps that take swap areas into and out of use.</summary>
internal static class SwapStepKeys
{
    private const int PathCharsMax = 255;

    /// <summary>swapon.</summary>
    public static Shape<Step> On()
    {
        Key<string> path = PathKey();
        var priority = Key.Optional<ulong?>("priority", new MaybeShape<ulong>(new CountShape(0, 32767)), null,
            "Its priority; left out, below all areas that are in use.");
        Key<Errno> expect = StepKeys.Expect();
        return new ObjectShape<Step>("a swapon step", [path, priority, expect], v =>
            new SwapOnStep(v.Get(path), (int?)v.Get(priority)) { Expect = v.Get(expect) });
    }

    /// <summary>swapoff.</summary>
    public static Shape<Step> Off()
    {
        Key<string> path = PathKey();
        Key<Errno> expect = StepKeys.Expect();
        return new ObjectShape<Step>("a swapoff step", [path, expect], v =>
            new SwapOffStep(v.Get(path)) { Expect = v.Get(expect) });
    }

    private static Key<string> PathKey() => Key.Required("path", new TextShape(1, PathCharsMax),
        "The path of an area of machine.swap.");
}
