using System.Globalization;
using LinuxMem.Actors.Machine;
using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Actors.Tests.Machine;

/// <summary>Time of programs is told apart from the kernel's, and switches by why they came about.</summary>
public class CpuTimesSpec
{
    private const string OneCpu = """
        {
          "name": "times",
          "machine": { "cpus": 1, "memory": "16MiB" },
          "processes": [
            { "name": "reader", "count": 2, "steps": [
              { "mmap": { "length": "64KiB", "as": "m" } },
              { "access": { "region": "m", "pattern": "uniform", "count": 9000000 } } ] },
            { "name": "toucher", "steps": [
              { "mmap": { "length": "4MiB", "as": "m" } },
              { "touch": { "region": "m" } } ] },
            { "name": "sleeper", "steps": [ { "sleep": "1ms" }, { "sleep": "1ms" }, { "sleep": "1ms" } ] },
          ],
        }
        """;

    [Fact]
    public void Who_computes_has_user_time_and_who_faults_has_system_time()
    {
        RunResult result = Run(Scenarios.Parse(OneCpu));
        ProcessResult reader = result.Processes.First(p => p.Comm == "reader");
        ProcessResult toucher = result.Processes.Single(p => p.Comm == "toucher");
        Assert.True(reader.UserNs > reader.CpuNs * 9 / 10, $"{reader.UserNs} of {reader.CpuNs}");
        Assert.True(toucher.UserNs < toucher.CpuNs / 3, $"{toucher.UserNs} of {toucher.CpuNs}");
        Assert.Equal(result.Cpus.Sum(cpu => cpu.UserNs), result.Processes.Sum(p => p.UserNs));
        Assert.All(result.Processes, p => Assert.InRange(p.UserNs, 0, p.CpuNs));
    }

    [Fact]
    public void Who_waits_leaves_by_itself_and_who_computes_is_made_to()
    {
        RunResult result = Run(Scenarios.Parse(OneCpu));
        ProcessResult sleeper = result.Processes.Single(p => p.Comm == "sleeper");
        Assert.Equal(4, sleeper.VoluntarySwitches); // three sleeps, and the end
        Assert.Equal(0, sleeper.InvoluntarySwitches);
        Assert.All(result.Processes.Where(p => p.Comm == "reader"),
            p => Assert.True(p.InvoluntarySwitches > 2 && p.VoluntarySwitches == 1));
    }

    [Theory]
    [InlineData("families")]
    [InlineData("threads")]
    [InlineData("disks")]
    public void Neither_windows_nor_threads_change_them(string name)
    {
        Scenario scenario = Scenarios.Of(name);
        string expected = Times(Run(scenario));
        foreach (long windowNs in new[] { 500, 1_300, 10_000_000 })
        {
            var engine = new EngineSettings { WindowNs = windowNs, Threads = 2 };
            Assert.Equal(expected, Times(Run(scenario with { Engine = engine })));
        }
    }

    [Fact]
    public void The_texts_of_proc_have_the_same_times()
    {
        Scenario scenario = Scenarios.Parse(OneCpu.Replace("9000000", "40000000", StringComparison.Ordinal));
        RunResult result = Run(scenario with
        {
            EndNs = 50_000_000,
            Engine = scenario.Engine with { ProcAtNs = [50_000_000] },
        });
        IReadOnlyList<KeyValuePair<string, string>> files = result.ProcTrees[0].Files;
        long[] machine = Numbers(files.Single(file => file.Key == "proc/stat").Value.Split('\n')[0], 1);
        long user = 0, system = 0;
        foreach ((string path, string text) in files)
        {
            if (!path.StartsWith("proc/", StringComparison.Ordinal) || !path.EndsWith("/stat", StringComparison.Ordinal)
                || path.Count(c => c == '/') != 2 || !char.IsAsciiDigit(path[5]))
                continue;
            long[] own = Numbers(text[(text.IndexOf(')', StringComparison.Ordinal) + 4)..], 0);
            user += own[10];
            system += own[11];
        }

        Assert.InRange(machine[0], user, user + 4);
        Assert.InRange(machine[2], system, system + 4);
        Assert.True(machine[0] >= 3, "two readers have had the CPU for most of 50 ms");
    }

    private static long[] Numbers(string text, int skip) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Skip(skip).Select(word => long.TryParse(word, CultureInfo.InvariantCulture, out long n) ? n : 0)];

    private static string Times(RunResult result) => string.Join(' ', result.Processes.Select(p =>
        $"{p.Pid}:{p.CpuNs}/{p.UserNs}/{p.VoluntarySwitches}/{p.InvoluntarySwitches}"));

    private static RunResult Run(Scenario scenario) => MachineRun.Execute(scenario, NullLoggerFactory.Instance);
}
