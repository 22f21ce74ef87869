using LinuxMem.Abi;
using LinuxMem.Simulation;
using LinuxMem.Workloads.Lackey;

namespace LinuxMem.Workloads.Tests.Lackey;

public sealed class LackeyReplaySpec : IDisposable
{
    private readonly TempLogs logs = new();

    public void Dispose() => logs.Dispose();

    [Fact]
    public void The_real_log_has_the_lines_that_simple_string_code_counts()
    {
        var naive = NaiveCount.Of(TempLogs.RealLog);
        using var replay = LackeyReplay.Open([TempLogs.RealLog]);
        var run = Replayer.Run(replay.Scenario);
        var totals = replay.Totals;

        Assert.Equal(140_622, naive.Lines);
        Assert.Equal((naive.Lines, naive.Accesses, naive.Calls, naive.Notes, 0),
            (totals.Lines, totals.Accesses, totals.Calls, totals.Notes, totals.Rejected));
        Assert.InRange(run.Accesses, naive.Accesses + naive.Crossing, naive.Accesses + naive.Crossing + 100);
        Assert.Equal(naive.MemoryCalls + 1, run.Calls);
        Assert.Equal(run.Calls - 1, totals.CallsReplayed);
        Assert.Equal(15015, replay.Scenario.Processes[0].Pid);
        Assert.Equal("replay-true", replay.Scenario.Name);
        Assert.True(replay.Scenario.Processes[0].InferMappings);
    }

    [Fact]
    public void Mappings_go_where_the_log_has_them_with_the_path_behind_the_descriptor()
    {
        var steps = Replay(
            "SYSCALL[7,1](257) sys_openat ( 4294967196, 0x4835540(/lib/libc.so.6), 524288 ) --> [async] ... \n"
            + "SYSCALL[7,1](257) ... [async] --> Success(0x5) \n"
            + "SYSCALL[7,1](9) sys_mmap ( 0x0, 8192, 1, 2050, 5, 4096 ) --> [pre-success] Success(0x4847000) \n"
            + "SYSCALL[7,1](3) sys_close ( 5 )[sync] --> Success(0x0) \n"
            + "SYSCALL[7,1](9) sys_mmap ( 0x0, 8192, 1, 1048578, 5, 0 ) --> [pre-success] Success(0x4849000) \n"
            + "SYSCALL[7,1](9) sys_mmap ( 0x0, 4096, 3, 34, 4294967295, 0 ) --> [pre-success] Success(0x484b000) \n"
            + "SYSCALL[7,1](9) sys_mmap ( 0x0, 4096, 3, 34, 4294967295, 0 ) --> [pre-fail] Failure(0xc) \n"
            + "SYSCALL[7,1](10) sys_mprotect ( 0x484b000, 4096, 1 )[sync] --> Success(0x0) \n"
            + "SYSCALL[7,1](28) sys_madvise ( 0x484b000, 4096, 4 )[sync] --> Success(0x0) \n"
            + "SYSCALL[7,1](11) sys_munmap ( 0x484b000, 4096 )[sync] --> Success(0x0) \n");

        Assert.Equal(
            [
                "7 Read 4835540", "7 Mmap 4847000 2000 1 812 5 1000 file /lib/libc.so.6",
                "7 Mmap 4849000 2000 1 12 5 0 file unknown fd 5", "7 Mmap 484b000 1000 3 32 ffffffffffffffff 0",
                "7 Mprotect 484b000 1000 1", "7 Madvise 484b000 1000 4", "7 Munmap 484b000 1000 0", "7 ExitGroup 0",
            ],
            steps);
    }

    [Fact]
    public void Heap_growth_is_a_fixed_mapping_and_shrinking_an_unmapping() =>
        Assert.Equal(
            ["7 Mmap 4035000 21000 3 32 ffffffffffffffff 0", "7 Munmap 4046000 10000 0", "7 ExitGroup 0"],
            Replay(
                "SYSCALL[7,1](12) sys_brk ( 0x0 ) --> [pre-success] Success(0x4035000) \n"
                + "SYSCALL[7,1](12) sys_brk ( 0x4055800 ) --> [pre-success] Success(0x4055800) \n"
                + "SYSCALL[7,1](12) sys_brk ( 0x4055900 ) --> [pre-success] Success(0x4055900) \n"
                + "SYSCALL[7,1](12) sys_brk ( 0x9055900 ) --> [pre-success] Success(0x4055900) \n"
                + "SYSCALL[7,1](12) sys_brk ( 0x4046000 ) --> [pre-success] Success(0x4046000) \n"));

    [Fact]
    public void A_moved_mapping_goes_to_the_logged_address_and_one_that_stayed_must_stay() =>
        Assert.Equal(
            ["7 Mremap 5a2c000 10000 100000 3 5a3c000 0", "7 Mremap 5b3c000 4a000 31000 0 0 0", "7 ExitGroup 0"],
            Replay(
                "SYSCALL[7,1](25) sys_mremap ( 0x5a2c000, 65536, 1048576, 0x1 ) --> [pre-success] Success(0x5a3c000) \n"
                + "SYSCALL[7,1](25) sys_mremap ( 0x5b3c000, 303104, 200704, 0x1 )[sync] --> Success(0x5b3c000) \n"));

    [Fact]
    public void Calls_that_are_not_made_touch_the_memory_that_they_read_and_write() =>
        Assert.Equal(
            [
                "7 Write 1fff000ff8", "7 Write 1fff001000", "7 Write 1fff002000", "7 Read 2000", "7 Read 3000",
                "7 Write 4000", "7 Write 5000", "7 ExitGroup 9",
            ],
            Replay(
                "SYSCALL[7,1](0) sys_read ( 5, 0x1fff000ff8, 16384 )[sync] --> Success(0x1009) \n"
                + "SYSCALL[7,1](0) sys_read ( 5, 0x1fff000ff8, 16384 )[sync] --> Failure(0x4) \n"
                + "SYSCALL[7,1](1) sys_write ( 1, 0x2000, 16 )[sync] --> Success(0x10) \n"
                + "SYSCALL[7,1](21) sys_access ( 0x3000(/etc/ld.so.preload), 4 )[sync] --> Failure(0x2) \n"
                + "SYSCALL[7,1](262) sys_newfstatat ( 5, 0x0(), 0x4000 )[sync] --> Success(0x0) \n"
                + "SYSCALL[7,1](302) sys_prlimit64 ( 0, 3, 0x0, 0x5000 ) --> [pre-success] Success(0x0) \n"
                + "SYSCALL[7,1](0) sys_read ( 5, 0xfffffffffffff000, 16384 )[sync] --> Success(0x1009) \n"
                + "SYSCALL[7,1](0) sys_read ( 5, 0x1000, 16384 )[sync] --> Success(0xffffffffffffff) \n"
                + "SYSCALL[7,1](231) exit_group( 9 ) --> [pre-success] Success(0x0) \n==7== \n"));

    [Fact]
    public void A_forked_child_runs_its_logs_and_executes_the_next_image_in_them()
    {
        AddForkLogs("x.7.1.log", "x.8.2.log", "x.8.1.log");
        using var replay = LackeyReplay.Open([logs.Directory]);
        var steps = Replayer.Run(replay.Scenario).Steps;

        Assert.Equal(
            [
                "7 Read 1000", "7 Fork 8 child sh", "8 Write 7000", "8 Execute 4919353", "8 Read 2000",
                "8 Execve child ls", "8 Execute 4000000", "8 ExitGroup 3", "7 Execute 4919353", "7 Wait4 8",
                "7 Write 1fff00095c", "7 ExitGroup 0",
            ],
            steps);
        Assert.Single(replay.Scenario.Processes);
        Assert.Equal((25, 0), (replay.Totals.Lines, replay.Totals.Rejected));
        Assert.Empty(replay.Totals.Warnings);
    }

    [Theory]
    [InlineData("sh.7.1.1.lackey", "sh.8.5.2.lackey", "sh.8.6.1.lackey")]
    [InlineData("c", "b", "a")]
    public void Logs_are_put_in_order_by_their_names_or_what_is_in_them(string parent, string forked, string image)
    {
        AddForkLogs(parent, forked, image);
        var paths = Directory.GetFiles(logs.Directory).Order(StringComparer.Ordinal).ToArray();
        using var replay = LackeyReplay.Open(paths);
        Replayer.Run(replay.Scenario);

        Assert.Equal(25, replay.Totals.Lines);
        Assert.Empty(replay.Totals.Warnings);
    }

    [Fact]
    public void A_vfork_is_replayed_as_what_the_program_meant()
    {
        string message = "   clone(fork): process 7 created child 8\n --> [pre-success] Success(0x8) \n";
        logs.Add("x.8.2.log", TempLogs.Preamble(8, 7, "./a") + " --> [pre-success] Success(0x0) \n");
        logs.Add("x.9.2.log", TempLogs.Preamble(9, 7, "./a") + " --> [pre-success] Success(0x0) \n");
        var steps = Replay(
            "SYSCALL[7,1](56) sys_clone ( 4111, 0x4844ff0, 0x0, 0x0, 0x0 )" + message
            + "SYSCALL[7,1](58) sys_fork ( )   fork: process 7 created child 9\n --> [pre-success] Success(0x9) \n");

        Assert.Equal(
            ["7 Vfork 8 child a", "8 ExitGroup 0", "7 Vfork 9 child a", "9 ExitGroup 0", "7 ExitGroup 0"], steps);
    }

    [Fact]
    public void A_thread_is_no_new_task()
    {
        var steps = Replay(
            "SYSCALL[7,1](56) sys_clone ( 3d0f00, 0x5a2af70, 0x5a2b990, 0x5a2b990, 0x5a2b6c0 )"
            + " --> [pre-success] Success(0x20ca) I  0494db42,3\n"
            + "SYSCALL[7,2](60) exit( 0 ) --> [pre-success] Success(0x0) \n\nI  0494db45,2\n");

        Assert.Equal(["7 Write 5a2b990", "7 Execute 494db42", "7 Execute 494db45", "7 ExitGroup 0"], steps);
    }

    [Fact]
    public void A_child_without_a_log_ends_at_once()
    {
        var replay = OpenOne(
            "SYSCALL[7,1](57) sys_fork ( )   fork: process 7 created child 9\n --> [pre-success] Success(0x9) \n");

        Assert.Equal(["7 Fork 9 child prog", "9 ExitGroup 0", "7 ExitGroup 0"], Replayer.Run(replay.Scenario).Steps);
        Assert.Contains("no log of the child 9", Assert.Single(replay.Totals.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_executed_within_one_log_is_a_new_program()
    {
        var steps = Replay(
            "I  04919353,6\nSYSCALL[7,1](59) sys_execve ( 0x2000(/bin/cat), 0x2, 0x3 )\n"
            + TempLogs.Preamble(7, 1, "cat") + "I  04000000,3\n");

        Assert.Equal(
            ["7 Execute 4919353", "7 Read 2000", "7 Execve child cat", "7 Execute 4000000", "7 ExitGroup 0"], steps);
    }

    [Fact]
    public void A_failed_execve_changes_nothing()
    {
        logs.Add("x.7.2.1.lackey", TempLogs.Preamble(7, 1, "late"));
        var steps = Replay(
            "SYSCALL[7,1](59) sys_execve ( 0x2000(/no), 0x2, 0x3 ) --> [pre-fail] Failure(0x2) \nI  04000000,3\n");

        Assert.Equal(["7 Read 2000", "7 Execute 4000000", "7 Execve child late", "7 ExitGroup 0"], steps);
    }

    [Fact]
    public void An_interrupted_wait_is_for_any_child() =>
        Assert.Equal(
            ["7 Wait4 -1", "7 ExitGroup 0"],
            Replay(
                "SYSCALL[7,1](61) sys_wait4 ( 4294967295, 0x1fff00095c, 0, 0x0 ) --> [async] ... \n"
                + "SYSCALL[7,1](15) sys_rt_sigreturn ( ) --> [pre-success] NoWriteResult \n"
                + "SYSCALL[7,1](61) sys_wait4 ( 4294967295, 0x1fff00095c, 1, 0x0 ) --> [async] ... \n"
                + "SYSCALL[7,1](61) ... [async] --> Failure(0xa) \n"));

    [Fact]
    public void A_call_that_the_simulated_kernel_refuses_is_told()
    {
        var replay = OpenOne(
            "SYSCALL[7,1](11) sys_munmap ( 0x484b000, 4096 )[sync] --> Success(0x0) \nI  04000000,3\n");
        var replayer = new Replayer { Answer = SyscallResult.Fail(Errno.EINVAL) };
        replayer.Run(replay.Scenario.Processes[0].CreateProgram(), 7);

        Assert.Equal((1, 1), (replay.Totals.CallsReplayed, replay.Totals.CallsRefused));
        Assert.Contains("EINVAL", replay.Totals.Warnings[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_that_nothing_replays_are_counted_at_the_end()
    {
        logs.Add("x.9.1.log", TempLogs.Preamble(9, 7, "lost") + "I  04000000,3\n");
        var replay = OpenOne("I  04000000,3\nI  04000003,3\n");
        var program = replay.Scenario.Processes[0].CreateProgram();
        program.Start(new ProgramStart(7, 7, 1, 12, default));
        replay.CountRest();

        Assert.Equal((11, 3), (replay.Totals.Lines, replay.Totals.Accesses));
        Assert.Equal(2, replay.Totals.Warnings.Count);
    }

    [Theory]
    [InlineData("its first 3 lines are no", "hello\nworld\n\n")]
    [InlineData("is empty", "")]
    public void What_is_no_log_is_refused(string reason, string text)
    {
        string path = logs.Add("x.log", text);

        var error = Assert.Throws<ConfigurationException>(() => LackeyReplay.Open([path]));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_given_twice_is_refused()
    {
        string path = logs.Add("x.log", TempLogs.Preamble(7, 1, "a"));

        Assert.Throws<ConfigurationException>(() => LackeyReplay.Open([path, path]));
        Assert.Throws<ConfigurationException>(() => LackeyReplay.Open([]));
    }

    private void AddForkLogs(string parent, string forked, string image)
    {
        logs.Add(parent, TempLogs.Preamble(7, 1, "/bin/sh -c ls") + " L 00001000,8\n"
            + "SYSCALL[7,1](56) sys_clone ( 1200011, 0x0, 0x0, 0x7000, 0x0 )   clone(fork): process 7 created child 8\n"
            + " --> [pre-success] Success(0x8) \nI  04919353,6\n"
            + "SYSCALL[7,1](61) sys_wait4 ( 4294967295, 0x1fff00095c, 0, 0x0 ) --> [async] ... \n"
            + "SYSCALL[7,1](61) ... [async] --> Success(0x8) \n");
        logs.Add(forked, TempLogs.Preamble(8, 7, "/bin/sh -c ls") + " --> [pre-success] Success(0x0) \nI  04919353,6\n"
            + "SYSCALL[8,1](59) sys_execve ( 0x2000(/bin/ls), 0x4035548, 0x4035560 )");
        logs.Add(image, TempLogs.Preamble(8, 7, "/bin/ls") + "I  04000000,3\n"
            + "SYSCALL[8,1](231) exit_group( 3 ) --> [pre-success] Success(0x0) \n==8== \n==8== Exit code:       3\n");
    }

    private List<string> Replay(string text) => Replayer.Run(OpenOne(text).Scenario).Steps;

    private LackeyReplay OpenOne(string text)
    {
        logs.Add("x.7.1.log", TempLogs.Preamble(7, 1, "./prog") + text);
        return LackeyReplay.Open([logs.Directory]);
    }
}
