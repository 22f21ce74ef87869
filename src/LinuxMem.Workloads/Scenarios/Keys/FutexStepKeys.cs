using LinuxMem.Workloads.Programs.Steps;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>The keys of steps that wait for each other.</summary>
internal static class FutexStepKeys
{
    /// <summary>futexWait.</summary>
    public static Shape<Step> Wait()
    {
        (Key<string> region, Key<ulong> offset) = Word();
        var time = new MaybeShape<ulong>(new TimeShape(0, TimeShape.LongestNs));
        var timeout = Key.Optional<ulong?>("timeout", time, null, "For how long at most; left out, for ever.");
        return new ObjectShape<Step>("a futexWait step", [region, offset, timeout], v =>
            new FutexWaitStep(v.Get(region), Aligned(v, offset), v.Get(timeout)));
    }

    /// <summary>futexWake.</summary>
    public static Shape<Step> Wake()
    {
        (Key<string> region, Key<ulong> offset) = Word();
        var count = Key.Optional("count", new CountShape(1, int.MaxValue), 1UL, "How many to wake at most.");
        return new ObjectShape<Step>("a futexWake step", [region, offset, count], v =>
            new FutexWakeStep(v.Get(region), Aligned(v, offset), v.Get(count)));
    }

    /// <summary>futexLock.</summary>
    public static Shape<Step> Lock()
    {
        (Key<string> region, Key<ulong> offset) = Word();
        return new ObjectShape<Step>("a futexLock step", [region, offset], v =>
            new FutexLockStep(v.Get(region), Aligned(v, offset)));
    }

    /// <summary>futexUnlock.</summary>
    public static Shape<Step> Unlock()
    {
        (Key<string> region, Key<ulong> offset) = Word();
        return new ObjectShape<Step>("a futexUnlock step", [region, offset], v =>
            new FutexUnlockStep(v.Get(region), Aligned(v, offset)));
    }

    private static ulong Aligned(KeyValues v, Key<ulong> offset)
    {
        if (v.Get(offset) % 4 != 0)
            v.Fail(offset, $"\"offset\" is {v.Get(offset)}; expected a multiple of 4");
        return v.Get(offset);
    }

    private static (Key<string> Region, Key<ulong> Offset) Word() => (
        MemoryStepKeys.RegionKey(),
        Key.Optional("offset", new SizeShape(0, 1UL << 57), 0UL, "Where in the region the word is."));
}
