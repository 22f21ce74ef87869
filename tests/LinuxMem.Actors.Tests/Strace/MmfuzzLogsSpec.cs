using LinuxMem.Actors.Machine;
using LinuxMem.Workloads.Strace;
using LinuxMem.Workloads.Strace.Layouts;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Actors.Tests.Strace;

/// <summary>
/// Random walks over mmap, mprotect, mremap, fork and their kin, recorded on Linux 6.18: every answer, every byte that
/// calls copied, fault counts, residency and texts of /proc, from the first line to the last.
/// </summary>
public sealed class MmfuzzLogsSpec
{
    [Theory]
    [InlineData("ab-401", 1976)]
    [InlineData("af-101", 1724)]
    [InlineData("afkrbm-1101", 2064)]
    [InlineData("afkrbmp-1301", 2002)]
    [InlineData("afm-501", 1594)]
    [InlineData("afr-601", 1675)]
    [InlineData("afrbm-701", 1742)]
    [InlineData("ak-801", 2562)]
    [InlineData("am-201", 1771)]
    [InlineData("ar-301", 1747)]
    [InlineData("afkm-1001", 2252)]
    [InlineData("afk-901", 2368)]
    [InlineData("afp-1201", 1880)]
    [InlineData("af-3015", 1768)]
    [InlineData("afkm-3056", 2194)]
    [InlineData("afm-3007", 1677)]
    [InlineData("afp-3021", 1875)]
    [InlineData("ak-3011", 2746)]
    public void Everything_that_a_log_shows_is_as_on_Linux(string log, long atLeast)
    {
        CheckReport report = Check(log);
        Assert.Empty(report.Mismatches.Select(Words));
        Assert.Empty(report.Unsupported);
        Assert.Equal(0, report.Ambiguous);
        Assert.True(report.Checked >= atLeast, $"{report.Checked} compared");
    }

    /// <remarks>Recorded of tests/tools/mmfuzz/mmfuzz2.c, which tells its addresses, on Linux 6.18.44.</remarks>
    [Theory]
    [InlineData("aftg-101", 1551)]
    [InlineData("atgk-104", 1913)]
    [InlineData("arz-107", 1376)]
    [InlineData("azrm-110", 1344)]
    [InlineData("afkhs-114", 1582)]
    [InlineData("afmh-117", 1356)]
    [InlineData("aky-119", 1819)]
    [InlineData("afqz-123", 1393)]
    [InlineData("alkm-125", 1592)]
    [InlineData("asrk-130", 2136)]
    [InlineData("afu-134", 1370)]
    [InlineData("afyq-137", 1347)]
    [InlineData("afwm-8202", 1318)]
    public void Everything_that_a_log_of_the_wider_walk_shows_is_as_on_Linux(string log, long atLeast)
    {
        CheckReport report = Check("Two/" + log);
        Assert.Empty(report.Mismatches.Select(Words));
        Assert.Empty(report.Unsupported);
        Assert.Equal(0, report.Ambiguous);
        Assert.True(report.Checked >= atLeast, $"{report.Checked} compared");
    }

    [Theory]
    [InlineData("ab-5002", 1983)]
    [InlineData("afkrbmp-5023", 2185)]
    [InlineData("afm-5027", 1667)]
    public void Logs_of_a_machine_without_a_zero_page_are_told_by_their_counts(string log, long atLeast)
    {
        CheckReport usual = Check(log), without = Check(log, zeroPage: false);
        Assert.False(ZeroPageGuess.Make(zeroPage => zeroPage ? usual : without));
        Assert.NotEmpty(usual.Mismatches);
        Assert.Empty(without.Mismatches.Select(Words));
        Assert.True(without.Checked >= atLeast, $"{without.Checked} compared");
    }

    [Fact]
    public void A_log_of_the_usual_machine_is_replayed_once() =>
        Assert.True(ZeroPageGuess.Make(zeroPage => zeroPage ? Check("ab-401")
            : throw new InvalidOperationException("replayed again")));

    private static CheckReport Check(string log, bool zeroPage = true)
    {
        var options = new StraceOptions { Check = CheckLevel.All, KeepGoing = true, ZeroPage = zeroPage };
        StraceReplay replay = StraceReplay.Open(
            Path.Combine(AppContext.BaseDirectory, "Mmfuzz", log + ".strace.xz"), options);
        return replay.Finish(MachineRun.Execute(replay.Scenario, NullLoggerFactory.Instance));
    }

    private static string Words(Mismatch mismatch) =>
        $"line {mismatch.Line}: {mismatch.Call} = {mismatch.Expected}, not {mismatch.Actual}";
}
