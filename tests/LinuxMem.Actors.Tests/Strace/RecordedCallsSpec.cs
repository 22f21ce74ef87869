using LinuxMem.Actors.Machine;
using LinuxMem.Workloads.Strace;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Actors.Tests.Strace;

/// <summary>
/// Programs of the kernel's own tests, of stress-ng and of every day, recorded on Linux 6.18 (Recorded/README.md):
/// every answer that can be compared is Linux's.
/// </summary>
public sealed class RecordedCallsSpec
{
    [Theory]
    [InlineData("clone3_set_tid", 70)]
    [InlineData("hugetlb-madvise", 50)]
    [InlineData("madv_collapse", 80)]
    [InlineData("map_hugetlb", 24)]
    [InlineData("mincore_selftest", 75)]
    [InlineData("memfd_secret", 45)]
    [InlineData("membarrier_test_single_thread", 40)]
    [InlineData("mlock2-tests", 50)]
    [InlineData("pidfd_getfd", 80)]
    [InlineData("pidfd_wait", 40)]
    [InlineData("stress-ng-numa", 1000)]
    [InlineData("stress-ng-zombie", 370)]
    [InlineData("stress-ng-cap", 400)]
    [InlineData("stress-ng-dup", 500)]
    [InlineData("stress-ng-munmap", 600)]
    [InlineData("stress-ng-personality", 700)]
    [InlineData("go-hello", 320)]
    [InlineData("test_cachestat", 40)]
    [InlineData("namefuzz-1", 1000)]
    [InlineData("pipefuzz-1", 2600)]
    [InlineData("seekfuzz-1", 850)]
    [InlineData("seekfuzz-memfd", 850)]
    [InlineData("attrfuzz-6", 780)]
    [InlineData("sparse", 45)]
    [InlineData("links", 240)]
    [InlineData("coproc", 150)]
    [InlineData("cp-a", 180)]
    [InlineData("find", 90)]
    [InlineData("install", 70)]
    [InlineData("rsync", 450)]
    [InlineData("sed-i", 60)]
    [InlineData("tar-x", 170)]
    [InlineData("errs-advise-2", 783)]
    [InlineData("errs-fork-1", 394)]
    [InlineData("errs-misc-1", 1314)]
    [InlineData("errs-mmap-1", 1875)]
    [InlineData("errs-mmap-raw", 1893)]
    [InlineData("errs-numa-1", 593)]
    [InlineData("errs-prot-1", 1748)]
    [InlineData("errs-pvm-0", 2035)]
    [InlineData("errs-remap-1", 2252)]
    [InlineData("errs-shm-1", 381)]
    [InlineData("errs-task-0", 542)]
    [InlineData("errs-uffd-0", 346)]
    [InlineData("checks-names-root", 260)]
    [InlineData("checks-names-nobody", 140)]
    [InlineData("checks-numa-nobody", 145)]
    [InlineData("checks-pvm-nobody", 130)]
    [InlineData("checks-shm-nobody", 145)]
    [InlineData("checks-mmap-root", 290)]
    [InlineData("flagbits", 240)]
    [InlineData("pidfd_test", 180)]
    public void Every_answer_is_that_of_Linux(string log, long atLeast)
    {
        var options = new StraceOptions { Check = CheckLevel.Calls, KeepGoing = true };
        string path = Path.Combine(AppContext.BaseDirectory, "Recorded", log + ".strace.gz");
        StraceReplay replay = StraceReplay.Open(path, options);
        CheckReport report = replay.Finish(MachineRun.Execute(replay.Scenario, NullLoggerFactory.Instance));
        Assert.Empty(report.Mismatches.Select(m => $"line {m.Line}: {m.Call} = {m.Expected}, not {m.Actual}"));
        Assert.Empty(report.Unsupported);
        Assert.Equal(0, report.Ambiguous);
        Assert.True(report.Checked >= atLeast, $"{report.Checked} compared");
    }
}
