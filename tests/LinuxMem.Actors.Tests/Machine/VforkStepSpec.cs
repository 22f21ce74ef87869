using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Actors.Tests.Machine;

/// <summary>A fork step that is vfork: the child has its parent's memory, and the parent waits for it.</summary>
public sealed class VforkStepSpec
{
    [Theory]
    [InlineData("true", 0)]
    [InlineData("false", 16)]
    public void What_the_child_writes_is_copied_after_fork_and_not_after_vfork(string vfork, int copies)
    {
        RunResult result = Run($$"""
            { "fork": { "vfork": {{vfork}}, "steps": [ { "touch": { "region": "m" } }, { "exit": 3 } ] } },
            { "wait": "all" }
            """);
        Assert.Equal(copies, result.FaultKinds.Where(one => one.Key == "CowCopy").Sum(one => one.Value));
        Assert.Equal(["exited 0", "exited 3"], result.Processes.Select(one => one.Fate));
    }

    [Fact]
    public void The_parent_waits_until_the_child_has_executed_something()
    {
        RunResult result = Run("""
            { "fork": { "vfork": true, "name": "kid", "steps": [ { "sleep": "5ms" }, { "exec": { "name": "cmd",
              "steps": [ { "sleep": "90ms" } ] } } ] } }
            """);
        ProcessResult parent = result.Processes[0], child = result.Processes[1];
        Assert.Equal("cmd", child.Comm);
        Assert.InRange(parent.EndNs - parent.StartNs, 5_000_000, 20_000_000);
        Assert.True(child.EndNs - child.StartNs >= 95_000_000);
    }

    private static RunResult Run(string steps) => DirectMachine.Execute(Scenarios.Parse("""
        { "name": "vfork", "machine": { "cpus": 2, "memory": "8MiB", "contents": "bytes" },
          "processes": [ { "name": "sh", "steps": [
            { "mmap": { "length": "64KiB", "as": "m" } }, { "touch": { "region": "m" } }, STEPS ] } ] }
        """.Replace("STEPS", steps, StringComparison.Ordinal)));
}
