using LinuxMem.Actors.Tests.Reclaim;
using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Tests.Injection;

/// <summary>
/// F33 and F34: memory leaves the running machine and comes back. The audit at every round counts all frames (I02).
/// </summary>
public sealed class MemoryHotplugSpec
{
    // Frame 0 is no zone's.
    private const long AllPages = (32 << 8) - 1;

    private const string Text = """
        {
          "name": "memory-hotplug", "machine": { "cpus": 3, "memory": "32MiB", "contents": "bytes" },
          "hotplug": [ HOTPLUG ],
          "processes": [
            {
              "name": "worker", "count": 3,
              "steps": [
                { "mmap": { "length": "3MiB", "as": "m" } },
                { "touch": { "region": "m" } },
                { "access": { "region": "m", "pattern": "uniform", "count": 200000, "writePercent": 30 } },
                { "munmap": { "region": "m" } },
                { "mmap": { "length": "1MiB", "as": "n" } },
                { "touch": { "region": "n" } },
                { "access": { "region": "n", "pattern": "uniform", "count": 100000, "writePercent": 30 } },
              ],
            },
          ],
        }
        """;

    [Fact]
    public void Pages_move_away_and_nobody_notices_whatever_the_window()
    {
        Scenario scenario = Parse(
            """{ "at": "800us", "memory": "20MiB", "length": "8MiB", "online": false }""");
        RunResult expected = FaultRun.Of(scenario with { Engine = new EngineSettings { Audit = AuditLevel.Round } });
        Assert.Contains(expected.KernelLog, line => line.Text.StartsWith("Offlined [mem 0x0001400000-", default));
        Assert.Equal(AllPages - 2048, Total(expected));
        Assert.All(expected.Processes, p => Assert.Equal("exited 0", p.Fate));
        foreach (EngineSettings engine in new EngineSettings[]
        {
            new() { Threads = 2 }, new() { WindowNs = 500 }, new() { WindowNs = 3_600_000_000_000 },
            new() { ScheduleSeed = 4 },
        })
            Assert.Equal(expected.Digest, FaultRun.Of(scenario with { Engine = engine }).Digest);
    }

    [Fact]
    public void What_has_left_comes_back()
    {
        RunResult result = FaultRun.Of(Parse("""
            { "at": "800us", "memory": "20MiB", "length": "8MiB", "online": false },
            { "at": "6ms", "memory": "20MiB", "length": "8MiB", "online": true },
            """) with
        { Engine = new EngineSettings { Audit = AuditLevel.Round } });
        Assert.Contains(result.KernelLog, line => line.Text.StartsWith("Onlined [mem", default));
        Assert.Equal(AllPages, Total(result));
    }

    [Theory]
    [InlineData("16MiB", "3MiB", "invalid range")]
    [InlineData("64MiB", "2MiB", "invalid range")]
    [InlineData("0B", "2MiB", "invalid range")]
    public void Ranges_that_are_none_are_refused(string start, string length, string why)
    {
        RunResult result = FaultRun.Of(Parse(
            $"{{ \"at\": \"1ms\", \"memory\": \"{start}\", \"length\": \"{length}\", \"online\": false }}"));
        Assert.Contains(result.KernelLog, line => line.Text.EndsWith(why, default));
    }

    [Fact]
    public void Memory_that_has_nowhere_to_go_stays_and_the_machine_is_as_before()
    {
        string[] all = [.. Enumerable.Range(1, 15).Select(i => $"{{ \"at\": \"{500 + (i * 10)}us\", "
            + $"\"memory\": \"{i * 2}MiB\", \"length\": \"2MiB\", \"online\": false }}")];
        RunResult result = FaultRun.Of(Parse(string.Join(", ", all)) with
        {
            Engine = new EngineSettings { Audit = AuditLevel.Round },
        });
        Assert.Contains(result.KernelLog, line => line.Text.Contains("failed due to", default));
        Assert.Contains(result.KernelLog, line => line.Text.StartsWith("Offlined", default));
        Assert.All(result.Processes, p => Assert.Equal("exited 0", p.Fate));
    }

    [Fact]
    public void What_has_nowhere_to_move_to_leaves_for_swap_and_the_memory_goes()
    {
        Scenario scenario = SwapRunSpec.WithSwap("""
            {
              "name": "leaving", "machine": { "cpus": 2, "memory": "16MiB", "overcommitMemory": 1 },
              "hotplug": [
                { "at": "2ms", "memory": "14MiB", "length": "2MiB", "online": false },
                { "at": "2ms", "memory": "12MiB", "length": "2MiB", "online": false },
                { "at": "2ms", "memory": "10MiB", "length": "2MiB", "online": false },
              ],
              "processes": [ { "name": "w", "count": 2, "steps": [
                { "mmap": { "length": "7MiB", "as": "m" } }, { "touch": { "region": "m" } }, { "sleep": "20ms" },
                { "access": { "region": "m", "pattern": "uniform", "count": 300 } } ] } ],
            }
            """, 1 << 12);
        RunResult result = FaultRun.Of(scenario with { Engine = new EngineSettings { Audit = AuditLevel.End } });
        Assert.Equal(3, result.KernelLog.Count(line => line.Text.StartsWith("Offlined [mem", default)));
        Assert.InRange(SwapRunSpec.Counter(result, "pswpout"), 1000, 4000);
        Assert.All(result.Processes, p => Assert.Equal("exited 0", p.Fate));
        EngineSettings engine = new() { Threads = 2, WindowNs = 777 };
        Assert.Equal(result.Digest, FaultRun.Of(scenario with { Engine = engine }).Digest);
    }

    private static long Total(RunResult result) => result.Memory.TotalPages;

    private static Scenario Parse(string hotplug) =>
        Scenarios.Parse(Text.Replace("HOTPLUG", hotplug, StringComparison.Ordinal));
}
