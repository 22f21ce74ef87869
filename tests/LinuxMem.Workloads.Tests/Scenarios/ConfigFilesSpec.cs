using System.Runtime.CompilerServices;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Scenarios;
using LinuxMem.Workloads.Tests.Programs;

namespace LinuxMem.Workloads.Tests.Scenarios;

public sealed class ConfigFilesSpec
{
    public static TheoryData<string> Names() => [.. BuiltIn.Names];

    [Fact]
    public void Every_file_of_config_is_a_scenario_or_a_profile_and_is_built_in()
    {
        string[] files = Directory.GetFiles(ConfigFolder(),
            "*.json").Select(f => Path.GetFileNameWithoutExtension(f)!).ToArray();
        Assert.Equal(
            files.Order(StringComparer.Ordinal),
            BuiltIn.Names.Append("linux-6").Append("classic").Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_built_in_scenario_is_its_file_and_bears_its_name(string name)
    {
        string path = Path.Combine(ConfigFolder(), name + ".json");
        Assert.Equal(File.ReadAllBytes(path), BuiltIn.Open(name).ToArray());
        Assert.Equal(name, ScenarioReader.ReadFile(path, []).Name);
        Assert.Equal(name, BuiltIn.Read(name, ["seed=5"]).Name);
    }

    [Theory]
    [InlineData("tiny"), InlineData("alpha"), InlineData("fork-storm")]
    public void The_programs_of_a_scenario_run_to_their_ends(string name)
    {
        var kernel = new FakeKernel();
        foreach (ProcessSpec process in BuiltIn.Read(name, []).Processes)
            kernel.Run(process.CreateProgram());
        Assert.NotEmpty(kernel.Accesses);
        Assert.DoesNotContain(kernel.Ends, e => e.Code == 1);
    }

    [Fact]
    public void The_showcase_has_at_least_60_processes_and_some_tens_of_millions_of_accesses()
    {
        Scenario showcase = BuiltIn.Read(BuiltIn.DefaultName, []);
        var count = new CountingKernel();
        foreach (ProcessSpec process in showcase.Processes)
            count.Run(process.CreateProgram());
        Assert.InRange(count.Processes, 60, 100);
        Assert.InRange(count.Accesses, 20_000_000, 60_000_000);
        Assert.Equal((4, 64UL << 20), (showcase.Machine.Cpus, showcase.Machine.MemoryBytes));
    }

    [Fact]
    public void A_wrong_name_gets_a_hint()
    {
        string message = Assert.Throws<ConfigurationException>(() => BuiltIn.Open("showcse")).Message;
        Assert.Equal("there is no built-in scenario \"showcse\"; did you mean \"showcase\"?", message);
        Assert.Throws<ConfigurationException>(() => BuiltIn.Open("linux-6"));
    }

    private static string ConfigFolder([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "config");
}
