using System.Text;
using System.Text.RegularExpressions;
using LinuxMem.Actors.Machine;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Results;
using LinuxMem.Workloads.Scenarios;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Actors.Tests.Machine;

/// <summary>malloc and its kin as steps of scenarios, on a machine.</summary>
public class MallocStepsSpec
{
    [Fact]
    public void Small_blocks_grow_the_heap_by_132_KiB_and_large_ones_are_mapped()
    {
        long before = Run("{ sleep: '1us' }").VszKiB;
        Assert.Equal(before + 132, Run("{ malloc: { size: 100 } }").VszKiB);
        Assert.Equal(before + 132, Run("{ loop: { times: 100, steps: [ { malloc: { size: 1000 } } ] } }").VszKiB);
        Assert.Equal(before + 132 + 1028, Run("{ malloc: { size: '1MiB' } }").VszKiB);
    }

    [Fact]
    public void Freed_memory_goes_back_where_the_library_gives_it_back()
    {
        long before = Run("{ sleep: '1us' }").VszKiB;
        Assert.Equal(before + 132, Run("{ malloc: { size: '1MiB', as: 'a' } }, { free: { region: 'a' } }").VszKiB);
        // The second time it comes from the heap: the threshold has followed.
        Assert.Equal(before + 132 + 1024, Run("{ malloc: { size: '1MiB', as: 'a' } }, { free: { region: 'a' } }, "
            + "{ malloc: { size: '1MiB', as: 'b' } }").VszKiB);
    }

    [Fact]
    public void A_block_is_a_region_and_calloc_touches_only_what_is_not_zero_yet()
    {
        long faults = Run("{ sleep: '1us' }").MinFlt;
        Assert.Equal(faults + 2, Run("{ calloc: { size: '1MiB' } }").MinFlt);
        Assert.Equal(faults + 2 + 255,
            Run("{ calloc: { size: '1MiB', as: 'a' } }, { touch: { region: 'a', kind: 'write' } }").MinFlt);
        Assert.Equal(faults + 3 + 16,
            Run("{ malloc: { size: 65536, as: 'a' } }, { touch: { region: 'a', kind: 'write' } }, "
            + "{ free: { region: 'a' } }, { calloc: { size: 65536 } }").MinFlt, 2.0);
    }

    [Fact]
    public void A_child_has_the_heap_and_a_thread_has_an_arena()
    {
        RunResult result = Machine("{ malloc: { size: 5000, as: 'a' } }, { fork: { steps: [ "
            + "{ free: { region: 'a' } }, { malloc: { size: 5000, as: 'b' } } ] } }, { wait: 'all' }, "
            + "{ realloc: { region: 'a', size: '2MiB' } }, { free: { region: 'a' } }, "
            + "{ thread: { steps: [ { malloc: { size: 100, as: 'c' } }, { free: { region: 'c' } }, "
            + "{ free: { region: 'a', expect: 'EINVAL' } } ] } }, { sleep: '1ms' }");
        Assert.All(result.Processes, p => Assert.Equal("exited 0", p.Fate));
        Assert.Equal(2, result.Processes.Count);
        // An arena reserves 64 MiB.
        Assert.InRange(result.Processes[0].VszKiB, 64 << 10, 70 << 10);
    }

    [Theory]
    [InlineData("{ free: { region: 'a' } }", "no region")]
    [InlineData("{ malloc: { size: 1, as: 'heap' } }", "every program has already")]
    [InlineData("{ realloc: { region: 'stack', size: 0 } }", "size")]
    public void Mistakes_are_named(string steps, string what)
    {
        Assert.Contains(what, Assert.Throws<ConfigurationException>(() => Machine(steps)).Message);
    }

    private static ProcessResult Run(string steps)
    {
        ProcessResult process = Machine(steps).Processes[0];
        Assert.Equal("exited 0", process.Fate);
        return process;
    }

    private static RunResult Machine(string steps)
    {
        // In the tests' own notation: keys without quotes, texts in single ones.
        string text = Regex.Replace($"{{ name: 'malloc', machine: {{ cpus: 1, memory: '512MiB' }}, "
            + $"processes: [ {{ name: 'p', steps: [ {steps} ] }} ] }}", "([a-z]+):", "'$1':").Replace('\'', '"');
        return MachineRun.Execute(ScenarioReader.Parse(Encoding.UTF8.GetBytes(text), "test", []),
            NullLoggerFactory.Instance);
    }
}
