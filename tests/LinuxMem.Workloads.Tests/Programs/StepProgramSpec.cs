using System.Text;
using LinuxMem.Abi;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Scenarios;

namespace LinuxMem.Workloads.Tests.Programs;

public sealed class StepProgramSpec
{
    [Fact]
    public void A_program_without_anything_left_exits_with_code_0()
    {
        FakeKernel kernel = Run("\"yield\"");
        Assert.Equal(["100 SchedYield 0 0 0 0", "100 ExitGroup 0 0 0 0"], kernel.Calls);
    }

    [Fact]
    public void Mmap_passes_the_arguments_of_Linux_and_names_what_came_back()
    {
        FakeKernel kernel = Run("""
            { "mmap": { "length": "8KiB", "as": "m", "prot": "r", "shared": true, "populate": true, "at": "0x1000" } },
            { "touch": { "region": "m", "kind": "read" } }
            """);
        Assert.Equal("100 Mmap 1000 2000 1 8021", kernel.Calls[0]);
        Assert.Equal([(100, AccessKind.Read, 0x10000000UL), (100, AccessKind.Read, 0x10001000UL)], kernel.Accesses);
    }

    [Fact]
    public void Munmap_and_mprotect_act_on_a_part_of_a_region()
    {
        FakeKernel kernel = Run("""
            { "mmap": { "length": "64KiB", "as": "m" } },
            { "munmap": { "region": "m", "offset": "4KiB", "length": "8KiB" } },
            { "mprotect": { "region": "m", "offset": "32KiB", "prot": "none" } }
            """);
        Assert.Equal("100 Munmap 10001000 2000 0 0", kernel.Calls[1]);
        Assert.Equal("100 Mprotect 10008000 8000 0 0", kernel.Calls[2]);
    }

    [Fact]
    public void A_call_is_told_the_structures_and_ranges_that_a_program_of_steps_has_nowhere()
    {
        FakeKernel kernel = Run("""
            { "mmap": { "length": "8KiB", "as": "m" } },
            { "syscall": { "call": "getpid", "asFile": "me" } },
            { "syscall": { "call": "process_vm_readv", "args": ["file:me", 0, 1, 0, 1], "vectors": [["m", "4KiB"]],
                "remoteVectors": [["m+4KiB", 16], [0, 0]] } },
            { "syscall": { "call": "ioctl", "args": [3, "0xc018aa3f", "m"], "words": ["0xaa", "m+8", "-1"] } }
            """);
        SyscallOperands read = kernel.Requests[2].Operands!, control = kernel.Requests[3].Operands!;
        Assert.Equal([new IoVec(0x10000000, 4096)], read.Vectors);
        Assert.Equal([new IoVec(0x10001000, 16), default], read.RemoteVectors);
        Assert.Equal([0xaaUL, 0x10000008UL, ulong.MaxValue], control.Words);
        Assert.Null(kernel.Requests[0].Operands);
    }

    [Fact]
    public void Brk_moves_the_heap_that_accesses_see()
    {
        FakeKernel kernel = Run("""
            { "brk": { "grow": "8KiB" } },
            { "touch": { "region": "heap" } },
            { "brk": { "shrink": "4KiB" } },
            { "touch": { "region": "heap" } }
            """);
        Assert.Equal(["100 Brk 41a000 0 0 0", "100 Brk 419000 0 0 0", "100 ExitGroup 0 0 0 0"], kernel.Calls);
        Assert.Equal([0x418000UL, 0x419000UL, 0x418000UL], kernel.Accesses.Select(a => a.Va));
    }

    [Fact]
    public void A_brk_that_leaves_the_break_where_it_was_counts_as_ENOMEM()
    {
        Assert.Equal(1, Run("""{ "brk": { "grow": "1GiB" } }""").Ends[0].Code);
        Assert.Equal(0, Run("""{ "brk": { "grow": "1GiB", "expect": "ENOMEM" } }""").Ends[0].Code);
    }

    [Fact]
    public void An_unexpected_error_ends_the_process_with_code_1_unless_it_is_ignored()
    {
        static Errno Fail(SyscallRequest call) => call.Nr == SyscallNr.Mmap ? Errno.ENOMEM : Errno.None;
        const string steps = """{ "mmap": { "length": "4KiB", "as": "m" } }, { "touch": { "region": "m" } }""";
        FakeKernel strict = Run(steps, Fail);
        Assert.Equal((100, "ExitGroup", 1), Assert.Single(strict.Ends));
        FakeKernel lenient = Run(steps, Fail, "\"onError\": \"ignore\", ");
        Assert.Equal((100, "ExitGroup", 0), Assert.Single(lenient.Ends));
        Assert.Empty(lenient.Accesses);
    }

    [Fact]
    public void A_success_where_an_error_was_expected_is_an_error()
    {
        FakeKernel kernel = Run("""{ "mmap": { "length": "4KiB", "expect": "ENOMEM" } }""");
        Assert.Equal(1, kernel.Ends[0].Code);
    }

    [Fact]
    public void Loops_nest()
    {
        FakeKernel kernel = Run("""
            { "loop": { "times": 3, "steps": [ "yield", { "loop": { "times": 2,
                "steps": [ { "sleep": "5ns" } ] } } ] } }
            """);
        string once = "SchedYield,Nanosleep,Nanosleep,";
        Assert.Equal(once + once + once + "ExitGroup", string.Join(',', kernel.Calls.Select(c => c.Split(' ')[1])));
        Assert.Equal("100 Nanosleep 5 0 0 0", kernel.Calls[1]);
    }

    [Fact]
    public void A_sequential_access_in_a_loop_goes_on_where_it_was()
    {
        FakeKernel kernel = Run("""
            { "loop": { "times": 3, "steps": [ { "access": { "region": "data", "bytes": "40B", "count": 2 } } ] } }
            """);
        Assert.Equal([0UL, 8, 16, 24, 32, 0], kernel.Accesses.Select(a => a.Va - FakeKernel.Layout.DataStart));
    }

    [Fact]
    public void Stack_writes_a_word_a_page_from_the_top_downwards()
    {
        FakeKernel kernel = Run("""
            { "stack": "12KiB" },
            { "access": { "region": "stack", "pattern": "uniform", "count": 100 } }
            """);
        Assert.Equal([0x7ffefff8UL, 0x7ffeeff8UL, 0x7ffedff8UL], kernel.Accesses.Take(3).Select(a => a.Va));
        Assert.All(kernel.Accesses.Skip(3), a => Assert.InRange(a.Va, 0x7ffed000UL, 0x7ffefff8UL));
    }

    [Fact]
    public void Forked_children_know_the_regions_and_the_parent_waits_for_all()
    {
        FakeKernel kernel = Run("""
            { "mmap": { "length": "4KiB", "as": "m", "shared": true } },
            { "fork": { "count": 3, "name": "kid", "steps": [ { "touch": { "region": "m" } }, { "exit": 7 } ] } },
            { "wait": "all" }
            """);
        Assert.Equal(
            [(101, "ExitGroup", 7), (102, "ExitGroup", 7), (103, "ExitGroup", 7), (100, "ExitGroup", 0)],
            kernel.Ends);
        Assert.Equal([101, 102, 103], kernel.Accesses.Select(a => a.Pid));
        Assert.All(kernel.Accesses, a => Assert.Equal(0x10000000UL, a.Va));
        Assert.Equal(3, kernel.Calls.Count(c => c == "100 Wait4 ffffffffffffffff 0 0 0"));
    }

    [Fact]
    public void A_child_can_be_waited_for_by_name()
    {
        FakeKernel kernel = Run("""{ "fork": { "as": "kid", "steps": ["yield"] } }, { "wait": { "child": "kid" } }""");
        Assert.Contains("100 Wait4 65 0 0 0", kernel.Calls);
    }

    [Fact]
    public void Threads_end_by_themselves_and_so_does_a_program_that_started_some()
    {
        FakeKernel kernel = Run("""{ "thread": { "count": 2, "steps": [ "yield" ] } }""");
        Assert.Equal([(101, "Exit", 0), (102, "Exit", 0), (100, "Exit", 0)], kernel.Ends);
        Assert.Contains("100 Clone 10900 0 0 0", kernel.Calls);
    }

    [Fact]
    public void A_task_that_shares_its_memory_asks_for_the_break_first()
    {
        FakeKernel kernel = Run("""{ "thread": { "steps": [ { "brk": { "grow": "4KiB" } } ] } }""");
        Assert.Equal(["101 Brk 0 0 0 0", "101 Brk 419000 0 0 0"], kernel.Calls.Where(c => c.Contains("Brk")));
    }

    [Fact]
    public void Exec_runs_another_program_in_the_same_process()
    {
        FakeKernel kernel = Run("""
            { "exec": { "name": "other", "image": { "text": "4KiB" }, "steps": [ { "exit": 9 } ] } }, { "exit": 8 }
            """);
        Assert.Equal((100, "ExitGroup", 9), Assert.Single(kernel.Ends));
    }

    [Fact]
    public void Segfault_accesses_the_address()
    {
        FakeKernel kernel = Run("""{ "segfault": { "at": "0xdead000", "kind": "write" } }, "segfault" """);
        Assert.Equal([(100, AccessKind.Write, 0xdead000UL), (100, AccessKind.Read, 0UL)], kernel.Accesses);
    }

    [Fact]
    public void A_loop_that_does_nothing_gives_up_the_cpu_and_ends()
    {
        FakeKernel kernel = Run("""
            { "brk": { "grow": "4KiB" } }, { "brk": { "shrink": "4KiB" } },
            { "loop": { "times": 10000, "steps": [ { "touch": { "region": "heap" } } ] } }
            """);
        Assert.Equal(2, kernel.Calls.Count(c => c.Contains("SchedYield")));
    }

    [Fact]
    public void A_long_access_is_cut_into_full_batches_and_loses_nothing()
    {
        FakeKernel kernel = Run("""
            { "mmap": { "length": "1MiB", "as": "m" } },
            { "access": { "region": "m", "pattern": "uniform", "count": 10001 } },
            { "access": { "region": "m", "pattern": "sequential", "count": 300000 } }
            """);
        Assert.Equal(310_001, kernel.Accesses.Count);
        Assert.Equal(0x10000000UL, kernel.Accesses[10_001].Va);
    }

    internal static IProgram Program(string steps, string more = "")
    {
        string process = "{ \"name\": \"p\", " + more + "\"steps\": [" + steps + "] }";
        string text = "{ \"name\": \"t\", \"processes\": [" + process + "] }";
        Scenario scenario = ScenarioReader.Parse(Encoding.UTF8.GetBytes(text), "t.json", []);
        return scenario.Processes[0].CreateProgram();
    }

    private static FakeKernel Run(string steps, Func<SyscallRequest, Errno>? failing = null, string more = "")
    {
        var kernel = new FakeKernel();
        if (failing is not null)
            kernel.Failing = failing;
        kernel.Run(Program(steps, more));
        return kernel;
    }
}
