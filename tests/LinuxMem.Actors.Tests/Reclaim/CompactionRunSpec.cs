using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Scenarios;

namespace LinuxMem.Actors.Tests.Reclaim;

/// <summary>Whole runs in which memory is compacted under programs that use it.</summary>
public sealed class CompactionRunSpec
{
    private const string Busy = """
        {
          "name": "busy", "machine": { "cpus": 3, "memory": "6MiB", "slice": "5us", "pcpHighPages": 0 },
          "processes": [
            {
              "name": "user", "count": 3,
              "steps": [
                { "mmap": { "length": "1MiB", "as": "m" } },
                { "touch": { "region": "m" } },
                { "loop": { "times": 12, "steps": [
                  { "access": { "region": "m", "pattern": "uniform", "count": 800, "writePercent": 40 } },
                  { "mmap": { "length": "64KiB", "as": "t" } }, { "touch": { "region": "t" } },
                  { "munmap": { "region": "t" } }, { "sleep": "600us" },
                ] } },
              ],
            },
            {
              "name": "family",
              "steps": [
                { "mmap": { "length": "1MiB", "as": "m" } },
                { "touch": { "region": "m" } },
                { "thread": { "count": 2, "steps": [
                  { "access": { "region": "m", "pattern": "uniform", "count": 9000, "writePercent": 40 } },
                  { "sleep": "4ms" }, { "access": { "region": "m", "count": 9000, "writePercent": 40 } } ] } },
                { "fork": { "steps": [ { "access": { "region": "m", "count": 9000, "writePercent": 30 } } ] } },
                { "access": { "region": "m", "pattern": "uniform", "count": 9000, "writePercent": 40 } },
                { "sleep": "3ms" }, { "access": { "region": "m", "count": 9000, "writePercent": 40 } },
                { "wait": "all" },
              ],
            },
            {
              "name": "leaver",
              "steps": [ { "mmap": { "length": "1MiB", "as": "m" } }, { "touch": { "region": "m" } } ],
            },
            {
              "name": "driver", "startAt": "1ms",
              "steps": [ { "loop": { "times": 6, "steps": [
                { "compactMemory": {} },
                { "kernelAlloc": { "order": 3, "count": 4, "as": "b" } }, { "sleep": "300us" },
                { "kernelFree": { "blocks": "b" } } ] } } ],
            },
          ],
        }
        """;

    [Fact]
    public void Half_of_memory_is_free_and_a_block_is_not_to_be_had_until_compaction_mends_it()
    {
        RunResult result = DirectMachine.Execute(WithAudit(BuiltIn.Read("fragmentation", []), AuditLevel.End));
        Assert.Empty(result.Audit.Violations);
        Assert.All(result.Processes, p => Assert.Equal("exited 0", p.Fate));
        Assert.Equal("driver: page allocation failure: order:4, mode:0x820(GFP_ATOMIC), "
            + "nodemask=(null),cpuset=/,mems_allowed=0", result.KernelLog[0].Text);
        Assert.True(SwapRunSpec.Counter(result, "pgmigrate_success") > 1000);
        Assert.True(SwapRunSpec.Counter(result, "compact_success") > 0);
        Assert.True(SwapRunSpec.Counter(result, "compact_stall") > 0);
        Assert.All(result.Fragmentation, f => Assert.InRange(f.Unusable, 0, 1000));
    }

    [Fact]
    public void It_has_one_digest_however_it_is_run()
    {
        Scenario scenario = BuiltIn.Read("fragmentation", ["machine.cpus=2"]);
        AssertOneDigest(scenario);
    }

    [Theory]
    [InlineData(1UL), InlineData(2UL), InlineData(3UL)]
    public void Pages_move_under_programs_that_use_them_and_no_content_is_lost(ulong seed)
    {
        Scenario scenario = Scenarios.Parse(Busy) with { Seed = seed };
        RunResult result = DirectMachine.Execute(WithAudit(scenario, AuditLevel.Round));
        Assert.Empty(result.Audit.Violations);
        Assert.All(result.Processes, p => Assert.Equal("exited 0", p.Fate));
        Assert.True(SwapRunSpec.Counter(result, "pgmigrate_success") > 50);
        AssertOneDigest(scenario);
    }

    [Fact]
    public void A_copied_file_lies_in_memory_twice_with_Linux_2_0_and_once_with_6_18()
    {
        RunResult classic = DirectMachine.Execute(WithAudit(BuiltIn.Read("classic-buffers", []), AuditLevel.Round));
        RunResult today = DirectMachine.Execute(WithAudit(
            BuiltIn.Read("classic-buffers", ["machine.kernel=linux-6"]), AuditLevel.Round));
        Assert.Empty(classic.Audit.Violations);
        Assert.Empty(today.Audit.Violations);
        Assert.InRange(classic.Memory.BufferPages, 256, 270);
        Assert.Equal((512, 512), (classic.Memory.FilePages, today.Memory.FilePages));
        Assert.InRange(today.Memory.BufferPages, 2, 10);
        AssertOneDigest(BuiltIn.Read("classic-buffers", []));
        AssertOneDigest(BuiltIn.Read("classic-buffers", ["machine.kernel=linux-6"]));
    }

    private static void AssertOneDigest(Scenario scenario)
    {
        string expected = Outcome.OfLoop(scenario);
        foreach (long windowNs in (long[])[500, 7_777, 3_600_000_000_000])
        {
            Scenario other = scenario with { Engine = scenario.Engine with { WindowNs = windowNs, Threads = 2 } };
            Assert.Equal(expected, windowNs == 500 ? Outcome.OfLoop(other) : Outcome.OfActors(other));
        }
    }

    private static Scenario WithAudit(Scenario scenario, AuditLevel level) =>
        scenario with { Engine = scenario.Engine with { Audit = level } };
}
