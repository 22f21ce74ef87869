using System.Text;
using LinuxMem.Actors.Machine;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Scenarios;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Actors.Tests.Machine;

/// <summary>Processes of scenarios that are programs of the host.</summary>
public class ElfScenarioSpec
{
    [Fact]
    public void An_elf_program_is_laid_out_by_execve_and_its_steps_run_in_it()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/bin/true"))
            return;
        Scenario scenario = Parse("/bin/true", "/", """
            { "touch": { "region": "text", "kind": "execute" } }, { "malloc": { "size": 1000, "as": "a" } },
            { "free": { "region": "a" } }
            """);
        scenario = scenario with { Processes = [scenario.Processes[0] with { KeepsVmas = true }] };
        ProcessResult process = MachineRun.Execute(scenario, NullLoggerFactory.Instance).Processes[0];
        Assert.Equal("exited 0", process.Fate);
        Assert.Contains(process.Vmas!, v => v.Name.EndsWith("/true", StringComparison.Ordinal) && v.Rights == "r-xp");
        Assert.Contains(process.Vmas!, v => v.Name == "[heap]" && v.End - v.Start == 132 << 10);
        Assert.Contains(process.Vmas!, v => v.Name == "[stack]");
    }

    [Fact]
    public void Its_place_is_drawn_from_the_seed_where_that_is_asked_for()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/bin/true"))
            return;
        Scenario scenario = Parse("/bin/true", "/", """{ "sleep": "1us" }""");
        scenario = scenario with { Machine = scenario.Machine with { Vm = new VmSettings { RandomizeVaSpace = 2 } } };
        Assert.Equal(StackOf(scenario), StackOf(scenario));
        Assert.NotEqual(StackOf(scenario), StackOf(scenario with { Seed = 99 }));
    }

    [Fact]
    public void A_synthetic_image_moves_but_for_its_text()
    {
        Scenario fix = Synthetic();
        Scenario random = fix with { Machine = fix.Machine with { Vm = new VmSettings { RandomizeVaSpace = 2 } } };
        IReadOnlyList<VmaResult> still = VmasOf(fix);
        IReadOnlyList<VmaResult> moved = VmasOf(random);
        Assert.Equal(moved, VmasOf(random));
        Assert.Equal(still.Count, moved.Count);
        Assert.Equal(still[0].Start, moved[0].Start);
        foreach (string name in (string[])["[heap]", "[stack]", ""])
        {
            Assert.NotEqual(still.Last(v => v.Name == name).Start, moved.Last(v => v.Name == name).Start);
            Assert.NotEqual(VmasOf(random with { Seed = 7 }).Last(v => v.Name == name).Start,
                moved.Last(v => v.Name == name).Start);
        }
    }

    [Theory]
    [InlineData("/no/such/program", "/", "no/such/program")]
    [InlineData("/bin/true", "/no/such/root", "no/such/root")]
    public void What_is_not_there_is_named_before_anything_runs(string path, string root, string named)
    {
        Assert.Contains(named,
            Assert.Throws<ConfigurationException>(() => Parse(path, root, """{ "sleep": "1us" }""")).Message);
    }

    private static ulong StackOf(Scenario scenario) => VmasOf(scenario).First(v => v.Name == "[stack]").Start;

    private static IReadOnlyList<VmaResult> VmasOf(Scenario scenario)
    {
        scenario = scenario with { Processes = [scenario.Processes[0] with { KeepsVmas = true }] };
        return MachineRun.Execute(scenario, NullLoggerFactory.Instance).Processes[0].Vmas!;
    }

    private static Scenario Synthetic() => ScenarioReader.Parse(
        Encoding.UTF8.GetBytes("""
            { "name": "synthetic", "machine": { "cpus": 1, "memory": "64MiB" }, "processes": [
              { "name": "p", "steps": [ { "malloc": { "size": 100 } }, { "mmap": { "length": 4096 } } ] } ] }
            """), "test", []);

    private static Scenario Parse(string path, string root, string steps) => ScenarioReader.Parse(
        Encoding.UTF8.GetBytes($$"""
            { "name": "elf", "machine": { "cpus": 1, "memory": "64MiB", "readAheadKb": 64 }, "processes": [
              { "name": "true", "elf": { "path": "{{path}}", "env": ["LANG=C"], "sysroot": "{{root}}" },
                "steps": [ {{steps}} ] } ] }
            """), "test", []);
}
