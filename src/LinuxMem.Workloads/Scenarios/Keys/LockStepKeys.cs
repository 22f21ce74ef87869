using LinuxMem.Abi;
using LinuxMem.Workloads.Programs.Steps;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>The keys of steps that lock memory, and unlock it.</summary>
internal static class LockStepKeys
{
    /// <summary>mlock.</summary>
    public static Shape<Step> Lock()
    {
        (Key<string> region, Key<ulong> offset, Key<ulong?> length) = MemoryStepKeys.Range();
        var onFault = Key.Optional("onFault", new FlagShape(), false, "Pages are locked when they are touched.");
        Key<Errno> expect = StepKeys.Expect();
        return new ObjectShape<Step>("an mlock step", [region, offset, length, onFault, expect], v =>
            new LockStep(v.Get(region), Locks: true, v.Get(offset), v.Get(length))
            {
                OnFault = v.Get(onFault),
                Expect = v.Get(expect),
            });
    }

    /// <summary>munlock.</summary>
    public static Shape<Step> Unlock()
    {
        (Key<string> region, Key<ulong> offset, Key<ulong?> length) = MemoryStepKeys.Range();
        Key<Errno> expect = StepKeys.Expect();
        return new ObjectShape<Step>("a munlock step", [region, offset, length, expect], v =>
            new LockStep(v.Get(region), Locks: false, v.Get(offset), v.Get(length)) { Expect = v.Get(expect) });
    }

    /// <summary>mlockall.</summary>
    public static Shape<Step> LockAll()
    {
        var current = Key.Optional("current", new FlagShape(), true, "What is mapped.");
        var future = Key.Optional("future", new FlagShape(), false, "What will be mapped.");
        var onFault = Key.Optional("onFault", new FlagShape(), false, "Pages are locked when they are touched.");
        Key<Errno> expect = StepKeys.Expect();
        return new ObjectShape<Step>("an mlockall step", [current, future, onFault, expect], v =>
        {
            if (!v.Get(current) && !v.Get(future))
                v.Fail("an mlockall step locks neither what is mapped nor what will be; expected one of them");
            ulong flags = (v.Get(current) ? LockAllStep.Current : 0) | (v.Get(future) ? LockAllStep.Future : 0)
                | (v.Get(onFault) ? LockAllStep.OnFault : 0);
            return new LockAllStep(flags) { Expect = v.Get(expect) };
        });
    }
}
