using System.Globalization;
using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Tests.Recordings;

/// <summary>
/// Patterns of accesses under a memory limit with swap cost what they cost on a real kernel: swap traffic and refaults
/// within 15%, and the same order of patterns (memory-pressure.txt and memory-pressure-ssd.txt, which say where
/// they were recorded).
/// </summary>
public sealed class MemoryPressureSpec
{
    private const double Tolerance = 0.15;
    private const string Beside = "memory-pressure.txt";
    private const string Near = "memory-pressure-ssd.txt";

    private const string AnonBegin =
        """{ "mmap": { "length": "64MiB", "as": "m" } }, { "touch": { "region": "m" } }""";

    private const string FileBegin = """
        { "open": { "path": "/f", "as": "f", "size": "64MiB" } },
        { "mmap": { "length": "64MiB", "as": "m", "file": "f", "shared": true } },
        { "access": { "region": "m", "pattern": { "sequential": { "stride": "4KiB" } }, "count": 16384,
          "writePercent": 0 } }
        """;

    // From the dearest to the cheapest, by the time that the accesses took on the real machine.
    private static readonly string[] Patterns = ["strided", "uniform", "sequential", "zipf", "hotcold"];

    [Fact]
    public void Swap_traffic_and_refaults_are_those_of_linux_and_patterns_cost_in_the_same_order()
    {
        var times = new List<long>();
        foreach (string pattern in Patterns)
        {
            RunResult result = DirectMachine.Execute(ScenarioOf(pattern, 100));
            times.Add(result.VirtualNs);
            if (pattern != "strided")
                Compare(result, $"anon {pattern} 16384 32768 100", "pswpin", "pswpout", "refault_anon");
        }

        Assert.Equal(times.OrderDescending(), times);
        Assert.Equal(Patterns,
            Patterns.OrderByDescending(pattern => Mean($"anon {pattern} 16384 32768 100", "wall_us")));
    }

    [Theory]
    [InlineData("sequential")]
    [InlineData("uniform")]
    public void Pages_that_are_only_read_are_written_to_swap_once(string pattern) => Compare(
        DirectMachine.Execute(ScenarioOf(pattern, 0)), $"anon {pattern} 16384 32768 0",
        "pswpin", "pswpout", "refault_anon");

    [Theory]
    [InlineData("sequential", 100)]
    [InlineData("sequential", 0)]
    [InlineData("uniform", 100)]
    public void As_many_faults_wait_for_swap_as_do_on_linux(string pattern, int writePercent) => Compare(
        DirectMachine.Execute(ScenarioOf(pattern, writePercent)), $"anon {pattern} 16384 32768 {writePercent}",
        "majflt");

    [Theory]
    [InlineData("sequential", 100)]
    [InlineData("sequential", 0)]
    [InlineData("uniform", 100)]
    [InlineData("uniform", 0)]
    public void Where_no_head_moves_neighbours_in_the_address_space_are_read_along_as_on_linux(
        string pattern, int writePercent)
    {
        RunResult result = DirectMachine.Execute(ScenarioOf(pattern, writePercent, rotates: false));
        string key = $"anon {pattern} 16384 32768 {writePercent}";
        CompareWith(Near, result, key, "pswpin", "pswpout", "refault_anon", "majflt");
        if (pattern == "sequential")
            CompareWith(Near, result, key, "swap_ra", "swap_ra_hit");
        else
            Assert.True(Counter(result, "swap_ra") < 400, $"{Counter(result, "swap_ra")} pages were read along");
    }

    [Fact]
    public void Pages_of_a_file_that_come_back_at_random_and_those_read_along_are_as_many_as_on_linux() => Compare(
        DirectMachine.Execute(ScenarioOf("uniform", 0, isFile: true)), "file uniform 16384 32768 0",
        "refault_file", "majflt");

    [Fact]
    public void Who_reads_a_file_in_order_waits_at_its_begin_only()
    {
        RunResult result = DirectMachine.Execute(ScenarioOf("sequential", 0, isFile: true));
        Compare(result, "file sequential 16384 32768 0", "refault_file");
        Assert.InRange(Counter(result, "pgmajfault"), 1, 12);
    }

    private static long Counter(RunResult result, string name) => result.VmStat.Single(one => one.Key == name).Value;

    private static void Compare(RunResult result, string key, params string[] counters) =>
        CompareWith(Beside, result, key, counters);

    private static void CompareWith(
        string recording, RunResult result, string key, params string[] counters)
    {
        foreach (string counter in counters)
        {
            string name = counter.StartsWith("refault", StringComparison.Ordinal) ? "workingset_" + counter
                : counter == "majflt" ? "pgmajfault" : counter;
            long ours = Counter(result, name);
            double real = Mean(key, counter, recording);
            Assert.True(Math.Abs(ours - real) <= real * Tolerance, $"{key}: {counter} is {ours}, on Linux {real:0}");
        }
    }

    private static double Mean(string key, string counter, string recording = Beside)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "Recordings", recording);
        string mark = counter + "=";
        return File.ReadLines(path).Where(line => line.StartsWith(key + " ", StringComparison.Ordinal))
            .Select(line => line.Split(' ').Single(word => word.StartsWith(mark, StringComparison.Ordinal)))
            .Average(word => long.Parse(word[mark.Length..], CultureInfo.InvariantCulture));
    }

    private static Scenario ScenarioOf(string pattern, int writePercent, bool isFile = false,
        bool rotates = true)
    {
        string accesses = pattern switch
        {
            "sequential" => Access("{ \"sequential\": { \"stride\": \"4KiB\" } }", 32768, writePercent),
            "hotcold" => Access("{ \"hotCold\": { \"hotPercent\": 10, \"accessPercent\": 90 } }", 32768, writePercent),
            "strided" => "{ \"loop\": { \"times\": 2, \"steps\": ["
                + string.Join(", ", Enumerable.Range(0, 16).Select(page => Access(
                    "{ \"sequential\": { \"stride\": \"64KiB\" } }", 1024, writePercent, page))) + "] } }",
            _ => Access($"\"{pattern}\"", 32768, writePercent),
        };
        Scenario scenario = Scenarios.Parse("""
            {
              "name": "pressure",
              "machine": { "cpus": 1, "memory": "128MiB", "overcommitMemory": 1,
                "disks": [ { "preset": "ssd", "size": "1GiB" } ], "swap": [ { "size": "512MiB" } ] },
              "groups": [ { "name": "g", "max": "32MiB" } ],
              "processes": [ { "name": "press", "group": "g", "steps": [ BEGIN, ACCESSES ] } ],
            }
            """.Replace("ACCESSES", accesses, StringComparison.Ordinal)
            .Replace("BEGIN", isFile ? FileBegin : AnonBegin, StringComparison.Ordinal));
        // The recorded disk says that a head moves, however fast it is.
        MachineSettings machine = scenario.Machine;
        IReadOnlyList<SwapAreaSettings> swap = [.. machine.Swap.Select(area => area with { IsRotational = rotates })];
        return scenario with
        {
            Machine = machine with { Swap = swap },
            Engine = scenario.Engine with { Audit = AuditLevel.Off },
        };
    }

    private static string Access(string pattern, int count, int writePercent, int firstPage = 0)
    {
        string part = firstPage == 0 ? ""
            : $"\"offset\": \"{firstPage * 4}KiB\", \"bytes\": \"{(16384 - firstPage) * 4}KiB\", ";
        return $"{{ \"access\": {{ \"region\": \"m\", {part}\"pattern\": {pattern}, \"count\": {count}, "
            + $"\"writePercent\": {writePercent} }} }}";
    }
}
