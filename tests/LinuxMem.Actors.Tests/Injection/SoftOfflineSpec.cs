using LinuxMem.Abi;
using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Tests.Injection;

/// <summary>F24 to F26, and memory errors that programs ask for.</summary>
public sealed class SoftOfflineSpec
{
    private const ulong Page = FaultRun.Page;
    private const Advice Hard = Advice.HwPoison, Soft = Advice.SoftOffline;

    private const string Walkers = """
        {
          "name": "poison", "machine": { "cpus": 3, "memory": "8MiB", "contents": "bytes" MACHINE },
          "faults": { "memoryErrors": [ ERRORS ] },
          "processes": [
            {
              "name": "walker", "count": 3,
              "steps": [
                { "mmap": { "length": "256KiB", "as": "m" } },
                { "touch": { "region": "m" } },
                { "access": { "region": "m", "pattern": "uniform", "count": 40000, "writePercent": 30 } },
              ],
            },
          ],
        }
        """;

    [Fact]
    public void Frames_that_are_taken_out_of_use_are_missed_by_nobody_whatever_the_window()
    {
        string errors = string.Join(", ", Enumerable.Range(0, 200).Select(i =>
            $"{{ \"at\": \"{40 + (i % 20)}us\", \"pfn\": {i * 10}, \"kind\": \"soft\" }}"));
        Scenario scenario = Parse(errors, "");
        RunResult expected = FaultRun.Of(scenario with { Engine = new EngineSettings { Audit = AuditLevel.Round } });
        Assert.All(expected.Processes, p => Assert.Equal("exited 0", p.Fate));
        Assert.InRange(Migrated(expected), 5, 200);
        foreach (EngineSettings engine in new EngineSettings[]
        {
            new() { Threads = 2 }, new() { WindowNs = 500 }, new() { WindowNs = 3_600_000_000_000 },
            new() { ScheduleSeed = 4 },
        })
            Assert.Equal(expected.Digest, FaultRun.Of(scenario with { Engine = engine }).Digest);
    }

    [Fact]
    public void What_was_poisoned_comes_back_into_use()
    {
        string errors = string.Join(", ", Enumerable.Range(0, 60).SelectMany(i => new[]
        {
            $"{{ \"at\": \"40us\", \"pfn\": {1500 + i}, \"kind\": \"{(i % 2 == 0 ? "soft" : "hard")}\" }}",
            $"{{ \"at\": \"90us\", \"pfn\": {1500 + i}, \"kind\": \"unpoison\" }}",
            $"{{ \"at\": \"95us\", \"pfn\": {1500 + i}, \"kind\": \"unpoison\" }}",
        }));
        RunResult result = FaultRun.Of(
            Parse(errors, "") with { Engine = new EngineSettings { Audit = AuditLevel.Round } });
        Assert.Contains(result.KernelLog, l => l.Text.StartsWith("Unpoison: Software-unpoisoned page", default));
        Assert.Contains(result.KernelLog, l => l.Text.StartsWith("Unpoison: Page was already unpoisoned", default));
    }

    [Fact]
    public void Without_recovery_a_memory_error_is_a_panic()
    {
        RunResult result = FaultRun.Of(
            Parse("{ \"at\": \"30us\", \"pfn\": 1500 }", ", \"memoryFailureRecovery\": false"));
        Assert.Equal("panic", result.Outcome);
        Assert.Equal("Memory failure on page 5dc", result.Panic!.Message);
    }

    [Fact]
    public void Soft_offline_moves_what_is_in_a_page_and_the_program_reads_it_as_before()
    {
        var got = new List<long>();
        RunResult result = Run(p => OfOwnMemory(p, got, Soft, 4));
        Assert.Equal([0], got);
        Assert.Equal("exited 0", Assert.Single(result.Processes).Fate);
        Assert.Equal(4, Migrated(result));
    }

    [Fact]
    public void Who_poisons_its_own_page_gets_SIGBUS_at_once()
    {
        var got = new List<long>();
        RunResult result = Run(p => OfOwnMemory(p, got, Hard, 1));
        Assert.Equal("killed SIGBUS (BUS_MCEERR_AR at 0x2000000000)", Assert.Single(result.Processes).Fate);
    }

    [Fact]
    public void A_page_of_a_file_that_is_poisoned_while_clean_is_read_again()
    {
        var got = new List<long>();
        IEnumerable<Action<AccessBatch>> Script(FileProgram p)
        {
            yield return FileProgram.Open("/data", new ExternalFile(ExternalKind.Regular, 64 << 10));
            yield return p.Map(64 << 10, MapFlags.Shared);
            yield return FileProgram.Touch(FileProgram.Mapped, Page, 2);
            yield return FileProgram.Call(SyscallNr.Madvise, FileProgram.Mapped, 2 * Page, (ulong)Hard);
            got.Add(p.Last.Value);
            yield return FileProgram.Touch(FileProgram.Mapped, 64, 128);
            yield return FileProgram.Call(SyscallNr.Madvise, FileProgram.Mapped, 2 * Page, (ulong)Soft);
            got.Add(p.Last.Value);
            yield return FileProgram.Touch(FileProgram.Mapped, 64, 128);
        }

        RunResult result = Run(Script);
        Assert.Equal([0, 0], got);
        Assert.Equal("exited 0", Assert.Single(result.Processes).Fate);
    }

    [Theory]
    [InlineData(true, true, Errno.None)]
    [InlineData(true, false, Errno.EOPNOTSUPP)]
    [InlineData(false, true, Errno.EINVAL)]
    public void Kernels_that_cannot_say_so(bool hasIt, bool isEnabled, Errno expected)
    {
        var got = new List<long>();
        var vm = new VmSettings { MemoryFailure = hasIt, EnableSoftOffline = isEnabled };
        FaultRun.Of(FaultRun.Machine with { Vm = vm }, [], p => OfOwnMemory(p, got, Soft, 2));
        Assert.Equal([-(long)expected], got);
    }

    [Fact]
    public void With_early_kill_everybody_who_has_the_page_is_told_at_once()
    {
        const string errors = "{ \"at\": \"60us\", \"pid\": 2, \"address\": \"0x7ffff7fbf000\" }";
        RunResult late = FaultRun.Of(Parse(errors, ""));
        RunResult early = FaultRun.Of(Parse(errors, ", \"memoryFailureEarlyKill\": true"));
        Assert.NotNull(late);
        Assert.All(early.Processes, p => Assert.True(p.Fate == "exited 0"
            || p.Fate.StartsWith("killed SIGBUS (BUS_MCEERR_AO", default), p.Fate));
    }

    private static IEnumerable<Action<AccessBatch>> OfOwnMemory(
        FileProgram p, List<long> got, Advice advice, uint pages)
    {
        yield return FileProgram.Touch(FileProgram.Buffer, 8, pages * 512, AccessKind.Write);
        yield return FileProgram.Call(SyscallNr.Madvise, FileProgram.Buffer, pages * Page, (ulong)advice);
        got.Add(p.Last.Value);
        yield return FileProgram.Touch(FileProgram.Buffer, 8, pages * 512);
    }

    private static RunResult Run(Func<FileProgram, IEnumerable<Action<AccessBatch>>> script) => FaultRun.Of(
        FaultRun.Machine with { Vm = new VmSettings { MemoryFailure = true } }, [], script);

    private static long Migrated(RunResult result) =>
        result.VmStat.Single(counter => counter.Key == "pgmigrate_success").Value;

    private static Scenario Parse(string errors, string machine) => Scenarios.Parse(Walkers
        .Replace("ERRORS", errors, StringComparison.Ordinal).Replace("MACHINE", machine, StringComparison.Ordinal));
}
