using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using LinuxMem.Cli.Hosting;
using LinuxMem.Cli.Tests.Fakes;
using LinuxMem.Testing;

namespace LinuxMem.Cli.Tests.EndToEnd;

/// <summary>Equal pages of programs that offer them are merged, and copied when written: seen from outside.</summary>
public sealed class KsmSpec : IDisposable
{
    private const int ImagePages = 512;
    private const int Guests = 4;
    private readonly TempDirectory files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public void Four_guests_with_one_image_come_to_need_one_copy_of_it()
    {
        TakeProc("60ms");
        Assert.Equal(ImagePages, Sys("pages_shared"));
        Assert.Equal(ImagePages * (Guests - 1), Sys("pages_sharing"));
        Assert.Equal(1, Sys("run"));
        Assert.True(Sys("full_scans") >= 2);
        long pss = 0;
        foreach (int pid in GuestPids())
        {
            string rollup = File.ReadAllText(files[$"m/proc/{pid}/smaps_rollup"]);
            Assert.Equal(ImagePages * 4, Kb(rollup, "KSM"));
            pss += Kb(rollup, "Pss_Anon");
        }

        Assert.InRange(pss, ImagePages * 4, (ImagePages * 4) + 64);
    }

    [Fact]
    public void What_is_written_is_copied_and_what_is_taken_back_too()
    {
        TakeProc("75ms");
        Assert.Equal(ImagePages * 3 / 4, Sys("pages_shared"));
        Assert.Equal(128 * Guests, Counter("cow_ksm"));
        TakeProc("88ms");
        Assert.Equal(ImagePages / 2, Sys("pages_shared"));
        Assert.Equal(256 * Guests, Counter("cow_ksm"));
    }

    [Fact]
    public void Merging_changes_no_value_and_ends_with_nothing_left()
    {
        using var merged = Result();
        using var apart = Result("--set", "machine.ksm.run=false");
        Assert.Equal(0, merged.RootElement.GetProperty("audit").GetProperty("violations").GetArrayLength());
        Assert.Equal(Taken(apart), Taken(merged));
        Assert.NotEqual(apart.RootElement.GetProperty("digest").GetString(),
            merged.RootElement.GetProperty("digest").GetString());
    }

    [Theory]
    [InlineData("engine.windowNs=500", "1")]
    [InlineData("engine.windowNs=3000000000", "2")]
    public void Windows_and_threads_change_nothing(string window, string threads)
    {
        using var expected = Result("--audit", "off");
        using var other = Result("--audit", "off", "--set", window, "--threads", threads);
        Assert.Equal(expected.RootElement.GetProperty("digest").GetString(),
            other.RootElement.GetProperty("digest").GetString());
    }

    [Theory]
    [InlineData("50us")]
    [InlineData("700ms")]
    public void A_machine_that_stands_still_ends_once_ksmd_finds_no_more(string pause)
    {
        MachineOutcome outcome = SimulatedMachine.FromText($$"""
            {
              "name": "still",
              "machine": { "cpus": 1, "memory": "16MiB", "ksm": { "run": true, "sleepMillisecs": 10 } },
              "processes": [ { "name": "p", "onError": "ignore", "steps": [
                { "mmap": { "length": "64KiB", "as": "m" } },
                { "madvise": { "region": "m", "advice": "mergeable" } },
                { "syscall": { "call": "pipe2" } },
                { "touch": { "region": "m" } },
                { "sleep": "{{pause}}" },
                { "touch": { "region": "m", "bytes": "4KiB" } },
                { "syscall": { "call": "read", "args": ["3", "m", "1"] } }
              ] } ]
            }
            """).AuditedEveryRound().Run();
        Assert.Equal("waiting for a file", outcome.Process("p").Fate);
        Assert.InRange(outcome.Result.VirtualNs, 300_000_000, 1_200_000_000);
    }

    [Fact]
    public void Merged_pages_live_through_fork_unmapping_moves_of_rights_and_pressure()
    {
        File.WriteAllText(files["s.json"], Rough);
        string? digest = null;
        foreach (string[] options in new string[][]
        {
            ["--audit", "round"], ["--audit", "round", "--set", "engine.windowNs=700", "--threads", "2"],
        })
        {
            RealRun run = RealRun.Of(["run", files["s.json"], "--json", .. options]);
            Assert.True(run.Code == ExitCode.Done, run.Error);
            using var json = JsonDocument.Parse(run.Output);
            digest ??= json.RootElement.GetProperty("digest").GetString();
            Assert.Equal(digest, json.RootElement.GetProperty("digest").GetString());
            JsonElement vmstat = json.RootElement.GetProperty("vmstat");
            Assert.True(vmstat.GetProperty("pswpout").GetInt64() > 0);
            Assert.Equal(0, vmstat.GetProperty("oom_kill").GetInt64());
        }
    }

    private const string Rough = """
        {
          "name": "rough", "machine": {
            "cpus": 3, "memory": "8MiB", "contents": "bytes", "overcommitMemory": 1,
            "ksm": { "run": true, "pagesToScan": 200, "sleepMillisecs": 1 },
            "disks": [ { "preset": "nvme", "size": "64MiB" } ], "swap": [ { "size": "24MiB" } ]
          },
          "processes": [
            { "name": "installer", "steps": [
              { "open": { "path": "/i", "as": "i", "size": "256KiB" } },
              { "mmap": { "length": "256KiB", "as": "d", "file": "i", "shared": true } },
              { "access": { "region": "d", "pattern": { "sequential": { "stride": "4KiB" } }, "kind": "write" } } ] },
            { "name": "guest", "count": 3, "startAt": "1ms", "steps": [
              { "open": { "path": "/i", "as": "i" } },
              { "mmap": { "length": "256KiB", "as": "ram" } },
              { "madvise": { "region": "ram", "advice": "mergeable" } },
              { "read": { "file": "i", "bytes": "256KiB", "region": "ram" } },
              { "sleep": "8ms" },
              { "fork": { "count": 2, "name": "child", "steps": [
                { "access": { "region": "ram", "pattern": "uniform", "count": 60, "writePercent": 50 } },
                { "sleep": "3ms" },
                { "munmap": { "region": "ram", "offset": "64KiB", "length": "64KiB" } },
                { "mprotect": { "region": "ram", "length": "64KiB", "prot": "r" } },
                { "sleep": "2ms" },
                { "mprotect": { "region": "ram", "length": "64KiB", "prot": "rw" } },
                { "touch": { "region": "ram", "bytes": "32KiB" } } ] } },
              { "access": { "region": "ram", "pattern": "uniform", "count": 20, "writePercent": 50 } },
              { "mmap": { "length": "3MiB", "as": "hog" } },
              { "touch": { "region": "hog" } },
              { "access": { "region": "ram", "pattern": "uniform", "count": 60 } },
              { "madvise": { "region": "ram", "length": "32KiB", "advice": "dontneed" } },
              { "wait": "all" } ] }
          ]
        }
        """;

    [Fact]
    public void A_machine_without_contents_cannot_compare_pages()
    {
        RealRun run = RealRun.Of("run", "ksm", "--set", "machine.contents=none");
        Assert.Equal(ExitCode.BadInput, run.Code);
        Assert.Contains("\"ksm\" compares what is in pages", run.Error);
    }

    private static JsonDocument Result(params string[] options) =>
        JsonDocument.Parse(RealRun.Of(["run", "ksm", "--json", .. options]).Output);

    private void TakeProc(string at) => Assert.Equal(ExitCode.Done,
        RealRun.Of("proc", "ksm", "--at", at, "--out", files["m"], "--force", "--audit", "off").Code);

    // Pages that were allocated and not freed.
    private static long Taken(JsonDocument result)
    {
        JsonElement vmstat = result.RootElement.GetProperty("vmstat");
        return vmstat.EnumerateObject().Where(c => c.Name.StartsWith("pgalloc_", StringComparison.Ordinal))
            .Sum(c => c.Value.GetInt64()) - vmstat.GetProperty("pgfree").GetInt64();
    }

    private IEnumerable<int> GuestPids() => Directory.EnumerateDirectories(files["m/proc"])
        .Select(path => Path.GetFileName(path)).Where(name => int.TryParse(name, out _))
        .Where(name => File.ReadAllText(files[$"m/proc/{name}/comm"]) == "guest\n").Select(int.Parse).Order();

    private long Sys(string name) => long.Parse(File.ReadAllText(files["m/sys/kernel/mm/ksm/" + name]),
        CultureInfo.InvariantCulture);

    private long Counter(string name) => long.Parse(
        Regex.Match(File.ReadAllText(files["m/proc/vmstat"]), $"^{name} ([0-9]+)$", RegexOptions.Multiline)
            .Groups[1].Value, CultureInfo.InvariantCulture);

    private static long Kb(string text, string name) => long.Parse(
        Regex.Match(text, $"^{name}: +([0-9]+) kB", RegexOptions.Multiline).Groups[1].Value,
        CultureInfo.InvariantCulture);
}
