using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Mm.Tests.Injection;

/// <summary>
/// F01 to F05: at every place where a call can fail for want of memory it does, once and from then on; it answers as
/// Linux does, what it undoes is undone, and in the end nothing is left.
/// </summary>
public class EverySiteSpec
{
    public static TheoryData<string> Names => [.. Operations.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_place_fails_once(string name) => Sweep(Operations.Of(name), FailNthMode.Once);

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_place_fails_with_all_after_it(string name) => Sweep(Operations.Of(name), FailNthMode.AndAfter);

    private static void Sweep(Operation operation, FailNthMode mode)
    {
        long failures = 0;
        bool undoes = operation.Undoes && !(operation.UndoesWithMemory && mode == FailNthMode.AndAfter);
        for (int nth = 1; ; nth++)
        {
            Assert.InRange(nth, 1, 100);
            using var rig = new KernelRig();
            long free = rig.FreeFrames;
            TaskStruct task = rig.Start(image: new ImageSpec(8192, 4096, 4096));
            operation.Prepare(rig, task);
            string before = Mappings(task.Mm);
            long promised = rig.Kernel.Overcommit.CommittedPages;
            int tasks = rig.Kernel.Tasks.LiveTasks;
            // Points of page faults are counted too, and fork has a site for each mapping.
            FaultInjector faults = rig.Inject(new FaultSettings
            {
                FailNth = nth,
                FailNthMode = mode,
                FailNthPoints = "fail*",
            });
            long result = operation.Call(rig, task);
            rig.Memory.Faults = null;
            Check(operation, result, faults, nth);
            task.Mm.Vmas.Validate();
            failures += faults.Failures;
            if (result < 0)
            {
                Assert.Equal(tasks, rig.Kernel.Tasks.LiveTasks);
                Assert.True(!undoes || before == Mappings(task.Mm), $"{nth}: {before}\n{Mappings(task.Mm)}");
                Assert.True(!undoes || promised == rig.Kernel.Overcommit.CommittedPages, $"{nth} promises");
                Assert.True(operation.Call(rig, task) >= 0, $"{nth}: it fails again");
            }

            End(rig);
            Assert.Equal((nth, free), (nth, rig.FreeFrames));
            Assert.Equal(0, rig.Kernel.Overcommit.CommittedPages);
            if (faults.Counted < nth)
                break;
        }

        Assert.NotEqual(0, failures);
    }

    private static void Check(Operation operation, long result, FaultInjector faults, int nth)
    {
        if (result >= 0)
            return;
        Assert.NotEqual(0, faults.Failures);
        bool isRight = operation.Errors.Contains((Errno)(-result)) || IsCopy(faults, result);
        Assert.True(isRight, $"{nth}: {(Errno)(-result)}");
    }

    // What the kernel cannot store to a process is EFAULT; what locked memory lacks is EAGAIN.
    private static bool IsCopy(FaultInjector faults, long result)
    {
        FaultSite site = faults.Injected[0].Decision.Site;
        bool isPage = site.Point == FaultPoint.FailPageAlloc || site == FaultSite.AnonVmaPrepare;
        return (result == -(long)Errno.EFAULT && (isPage || site.Point == FaultPoint.FailUsercopy))
            || (result == -(long)Errno.EAGAIN && isPage);
    }

    private static void End(KernelRig rig)
    {
        foreach (ThreadGroup group in rig.Kernel.Tasks.Groups.ToArray())
        {
            foreach (TaskStruct task in group.Tasks.ToArray())
            {
                if (!group.IsDead)
                    rig.Exit(task);
            }
        }

        rig.DropCaches();
        rig.FreeReady();
    }

    // Mappings that could be one are written as one: where one was cut, it may stay so.
    private static string Mappings(Mm mm)
    {
        var text = new System.Text.StringBuilder();
        Vma? last = null;
        for (Vma? vma = mm.Vmas.Tree.First; vma is not null; vma = vma.Next)
        {
            bool joins = last is not null && last.End == vma.Start && last.Flags == vma.Flags
                && last.Mapping == vma.Mapping && last.PageIndexOf(vma.Start) == vma.PgOff;
            if (!joins)
                text.Append($"{last?.End:x} {vma.Flags}\n{vma.Start:x}-");
            last = vma;
        }

        return text.Append($"{last?.End:x}").ToString();
    }
}
