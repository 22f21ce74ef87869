using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Tests.Reclaim;

/// <summary>Reads and writes of files larger than memory go through it all the same.</summary>
/// <remarks>Linux: mm/filemap.c: the page cache's pages come from allocations that reclaim.</remarks>
public sealed class FilesUnderPressureSpec
{
    private const int Pages = 2048;

    private const string Writer = """
        {
          "name": "writer", "machine": { "cpus": 2, "memory": "4MiB", "overcommitMemory": 1,
            "disks": [ { "preset": "ssd", "size": "64MiB" } ] },
          "processes": [
            { "name": "dd", "steps": [
              { "open": { "path": "/big", "as": "f" } },
              { "loop": { "times": 64, "steps": [
                { "write": { "file": "f", "bytes": "128KiB", "part": "128KiB" } } ] } },
              { "fsync": "f" } ] },
          ],
        }
        """;

    private const string Reader = """
        {
          "name": "reader", "machine": { "cpus": 1, "memory": "4MiB", "overcommitMemory": 1,
            "disks": [ { "preset": "ssd", "size": "64MiB" } ] },
          "processes": [
            { "name": "cat", "steps": [
              { "open": { "path": "/big", "size": "8MiB", "as": "f" } },
              { "loop": { "times": 64, "steps": [
                { "read": { "file": "f", "bytes": "128KiB", "part": "128KiB" } } ] } } ] },
          ],
        }
        """;

    [Fact]
    public void Every_page_that_is_written_reaches_the_disk_and_the_writer_waits_for_it()
    {
        Scenario scenario = Scenarios.Parse(Writer);
        RunResult result = DirectMachine.Execute(scenario);
        Assert.Empty(result.Audit.Violations);
        Assert.Equal("exited 0", result.Processes[0].Fate);
        Assert.InRange(Counter(result, "nr_dirtied"), Pages, Pages + 100);
        Assert.InRange(result.Disks[0].WrittenBytes, Pages * 4096L, (Pages + 100) * 4096L);
        Assert.True(result.Processes[0].IoStallNs > 1_000_000);
        foreach (long windowNs in (long[])[500, 3_600_000_000_000])
        {
            RunResult other = DirectMachine.Execute(
                scenario with { Engine = scenario.Engine with { WindowNs = windowNs } });
            Assert.Equal(result.Digest, other.Digest);
            Assert.Equal(result.Disks, other.Disks);
        }
    }

    [Fact]
    public void Every_page_that_is_read_comes_from_the_disk()
    {
        RunResult result = DirectMachine.Execute(Scenarios.Parse(Reader));
        Assert.Empty(result.Audit.Violations);
        Assert.Equal("exited 0", result.Processes[0].Fate);
        Assert.True(result.Disks[0].ReadBytes >= Pages * 4096L);
    }

    private static long Counter(RunResult result, string name) =>
        result.VmStat.Single(counter => counter.Key == name).Value;
}
