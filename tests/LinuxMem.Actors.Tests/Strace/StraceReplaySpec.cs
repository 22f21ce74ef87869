using System.Text;
using LinuxMem.Actors.Machine;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Strace;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Actors.Tests.Strace;

/// <summary>Logs of strace on a whole machine: what is equal is found equal, and what is not is found.</summary>
public sealed class StraceReplaySpec
{
    private const string Program = """
        8 execve("/usr/bin/true", ["true"], 0x7ffd /* 4 vars */) = 0
        8 brk(NULL) = 0x55555555e000
        8 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7ffff7fc0000
        8 mmap(NULL, 12288, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7ffff7fbd000
        8 munmap(0x7ffff7fbe000, 4096) = 0
        8 mprotect(0x7ffff7fbd000, 8192, PROT_READ) = -1 ENOMEM (Cannot allocate memory)

        """;

    private const string End = """
        8 exit_group(3) = ?
        8 +++ exited with 3 +++

        """;

    [Fact]
    public void Answers_of_the_kernel_are_compared_with_the_logged_ones()
    {
        CheckReport report = Check(Program + End);
        Assert.Empty(report.Mismatches);
        Assert.Equal((8, 7), (report.Calls, report.Matched));
        Assert.Equal(1, report.Skipped.Values.Sum());
        Assert.True(report.AddUp);
    }

    [Theory]
    [InlineData("8 munmap(0x7ffff7fbe001, 4096) = 0", "EINVAL")]
    [InlineData("8 munmap(0x7ffff7fbe000, 4096) = -1 EINVAL (Invalid argument)", "0")]
    [InlineData("8 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7ffff7fbc000", "0x7ffff7fbe000")]
    [InlineData("8 brk(0x55555555f123) = 0x55555555e000", "0x55555555f123")]
    [InlineData("8 --- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_ACCERR, si_addr=0x1000} ---",
        "SigSegv SegvMapErr at 0x1000")]
    public void An_answer_that_is_not_the_logged_one_is_reported(string line, string actual)
    {
        CheckReport report = Check(Program + line + "\n" + End);
        Mismatch mismatch = Assert.Single(report.Mismatches);
        Assert.Equal((7, actual), (mismatch.Line, mismatch.Actual));
        Assert.NotEmpty(mismatch.After);
        Assert.True(report.AddUp);
    }

    [Fact]
    public void Without_keep_going_the_replay_stops_at_the_first_mismatch()
    {
        const string wrong = "8 brk(0x55555555f000) = 0x55555555e000\n";
        Assert.Equal(2, Check(Program + wrong + wrong + End).Mismatched);
        CheckReport report = Check(Program + wrong + wrong + End, keepGoing: false);
        Assert.Equal(1, report.Mismatched);
        Assert.Equal(3, report.NotJudged["not reached: the replay stopped at a mismatch"]);
    }

    [Fact]
    public void A_number_that_is_used_again_is_another_process()
    {
        const string child = """
            8 clone(child_stack=NULL, flags=SIGCHLD) = 9
            9 brk(NULL) = 0x55555555e000
            9 exit_group(1) = ?
            9 +++ exited with 1 +++
            8 wait4(9, [{WIFEXITED(s) && WEXITSTATUS(s) == 1}], 0, NULL) = 9

            """;
        CheckReport report = Check(Program + child + child.Replace("(1)", "(2)").Replace(" 1 +++", " 2 +++") + End);
        Assert.Empty(report.Mismatches);
        Assert.Equal(7 + 8, report.Matched);
    }

    [Fact]
    public void Tasks_of_another_pid_namespace_are_found_by_their_lines()
    {
        CheckReport report = Check(Program + """
            8 clone(child_stack=NULL, flags=CLONE_NEWPID|SIGCHLD) = 9
            9 clone(child_stack=NULL, flags=SIGCHLD) = 2
            10 brk(NULL) = 0x55555555e000
            10 exit_group(0) = ?
            10 +++ exited with 0 +++
            9 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 2
            9 wait4(2, 0x7ffe, 0, NULL) = -1 ECHILD (No child processes)
            9 exit_group(0) = ?
            9 +++ exited with 0 +++

            """ + End);
        Assert.Empty(report.Mismatches);
        Assert.Equal(7 + 7, report.Matched);
    }

    [Fact]
    public void The_leader_that_execve_of_a_thread_replaces_is_interrupted_first()
    {
        CheckReport report = Check(Program + """
            8 clone(child_stack=0x7ffff7000000, flags=CLONE_VM|CLONE_FILES|CLONE_THREAD|CLONE_SIGHAND) = 10
            8 clock_nanosleep(CLOCK_REALTIME, 0, {tv_sec=1, tv_nsec=0},  <unfinished ...>
            10 execve("/bin/sleep", ["sleep", "3"], 0x7fffffffed68 /* 4 vars */ <unfinished ...>
            8 <... clock_nanosleep resumed> <unfinished ...>) = ?
            8 +++ superseded by execve in pid 10 +++
            8 <... execve resumed>) = 0
            8 brk(NULL) = 0x55555555f000
            8 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7ffff7fc0000

            """ + End);
        Assert.Empty(report.Mismatches);
    }

    [Fact]
    public void The_logged_answer_is_adopted_so_that_a_mistake_counts_once()
    {
        CheckReport report = Check(Program + """
            8 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7ffff7000000
            8 munmap(0x7ffff7000000, 4096) = 0
            8 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7ffff7fbe000

            """ + End);
        Assert.Equal(1, report.Mismatched);
    }

    [Fact]
    public void Children_and_threads_act_in_the_order_of_the_log()
    {
        CheckReport report = Check(Program + """
            8 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD <unfinished ...>
            9 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0 <unfinished ...>
            8 <... clone resumed>, child_tidptr=0x7ffff7dcfa10) = 9
            8 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7ffff7fbe000
            9 <... mmap resumed>) = 0x7ffff7fbe000
            8 clone(child_stack=0x7ffff7000000, flags=CLONE_VM|CLONE_THREAD|CLONE_SIGHAND) = 10
            10 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7ffff7fbc000
            8 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7ffff7fbb000
            10 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7ffff7fba000
            8 wait4(9,  <unfinished ...>
            9 --- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=0x8} ---
            9 +++ killed by SIGSEGV +++
            8 <... wait4 resumed>[{WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV}], 0, NULL) = 9
            10 exit(0) = ?
            10 +++ exited with 0 +++

            """ + End);
        Assert.Empty(report.Mismatches);
        Assert.Equal(0, report.Ambiguous);
        Assert.Equal(17, report.Matched);
    }

    [Fact]
    public void Children_whose_end_is_ignored_are_not_found_by_wait4()
    {
        CheckReport report = Check(Program + """
            8 rt_sigaction(SIGCHLD, {sa_handler=SIG_IGN, sa_mask=[], sa_flags=0}, NULL, 8) = 0
            8 clone(child_stack=NULL, flags=SIGCHLD) = 9
            9 exit_group(0) = ?
            9 +++ exited with 0 +++
            8 wait4(9, 0x7fffffffe3a4, 0, NULL) = -1 ECHILD (No child processes)
            8 rt_sigaction(SIGCHLD, {sa_handler=SIG_DFL, sa_mask=[], sa_flags=0}, NULL, 8) = 0
            8 clone(child_stack=NULL, flags=SIGCHLD) = 10
            10 exit_group(3) = ?
            10 +++ exited with 3 +++
            8 wait4(10, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 10

            """ + End);
        Assert.Empty(report.Mismatches);
    }

    [Fact]
    public void Descriptors_of_other_kinds_rings_and_remote_copies_answer_as_logged()
    {
        CheckReport report = Check(Program + """
            8 inotify_init1(IN_CLOEXEC) = 3
            8 mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, 3, 0) = -1 EACCES (Permission denied)
            8 mmap(NULL, 4096, PROT_EXEC, MAP_PRIVATE, 3, 0) = -1 EPERM (Operation not permitted)
            8 io_setup(128, [0x7ffff7fba000]) = 0
            8 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7ffff7fbe000
            8 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7ffff7fb9000
            8 process_vm_readv(99, [{iov_base=0x8, iov_len=8}], 1, [{iov_base=0x8, iov_len=8}], 1, 0) = -1 ESRCH (No)
            8 process_vm_readv(8, [{iov_base="\0", iov_len=1}], 1, [{iov_base=0x7ffff7fc0000, iov_len=1}], 1, 0) = 1
            8 process_vm_readv(8, [{iov_base="\0", iov_len=1}], 1, [{iov_base=0x1000, iov_len=1}], 1, 0) = -1 EFAULT

            """ + End);
        Assert.Empty(report.Mismatches);
        Assert.Empty(report.Unsupported);
    }

    [Fact]
    public void What_the_loader_makes_read_only_lies_in_the_image_also_where_the_break_lies_at_random()
    {
        CheckReport report = Check("""
            8 execve("/usr/bin/cat", ["cat"], 0x7ffc /* 6 vars */) = 0
            8 brk(NULL) = 0x5558145de000
            8 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7ff133be5000
            8 mprotect(0x5557dd6c5000, 4096, PROT_READ) = 0
            8 brk(0x5558145ff000) = 0x5558145ff000

            """ + End);
        Assert.Empty(report.Mismatches);
    }

    [Fact]
    public void A_bus_error_is_looked_for_with_an_access_that_the_mapping_allows()
    {
        CheckReport report = Check(Program + """
            8 memfd_create("m", 0) = 3
            8 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0) = 0x7ffff7fbe000
            8 --- SIGBUS {si_signo=SIGBUS, si_code=BUS_ADRERR, si_addr=0x7ffff7fbe000} ---

            """ + End);
        Assert.Empty(report.Mismatches);
    }

    [Theory]
    [InlineData("fstat(3, {st_mode=S_IFREG|0640, st_size=5, ...}) = 0", null)]
    [InlineData("fstat(3, {st_mode=S_IFREG|0640, st_size=6, ...}) = 0", "size 5")]
    [InlineData("fstat(3, {st_mode=S_IFREG|0644, st_size=5, ...}) = 0", "mode 0100640")]
    [InlineData("fstat(3, {st_mode=S_IFREG|0640, st_nlink=1, st_size=5}) = 0", "nlink 2")]
    [InlineData("stat(\"/w/f\", {st_mode=S_IFREG|0640, st_size=7, ...}) = 0", "size 5")]
    [InlineData("lstat(\"/w/l\", {st_mode=S_IFREG|0640, st_nlink=1, st_size=5, ...}) = 0", "nlink 2")]
    [InlineData("statx(3, \"\", AT_STATX_SYNC_AS_STAT|AT_EMPTY_PATH, STATX_ALL, {stx_mask=STATX_ALL, "
        + "stx_nlink=3, stx_mode=S_IFREG|0640, stx_size=5}) = 0", "nlink 2")]
    [InlineData("newfstatat(AT_FDCWD, \"/w\", {st_mode=S_IFDIR|0711, st_nlink=2}, 0) = 0", "mode 040750")]
    public void The_status_of_what_the_log_has_made_is_compared(string line, string? actual)
    {
        CheckReport report = Check(Program + """
            8 umask(027) = 022
            8 mkdir("/w", 0777) = 0
            8 openat(AT_FDCWD, "/w/f", O_RDWR|O_CREAT|O_EXCL, 0666) = 3
            8 write(3, "hello", 5) = 5
            8 link("/w/f", "/w/l") = 0

            """ + "8 " + line + "\n" + End);
        Assert.Equal(actual, report.Mismatches.SingleOrDefault()?.Actual);
        Assert.True(report.AddUp);
    }

    [Theory]
    [InlineData("vfat", 0)]
    [InlineData("ext4", 1)]
    public void On_a_file_system_of_another_kind_modes_are_not_foreseen(string kind, int mismatches)
    {
        CheckReport report = Check(Program + $$"""
            8 umask(027) = 022
            8 mount("/dev/loop0", "/mnt", "{{kind}}", 0, NULL) = 0
            8 openat(AT_FDCWD, "/mnt/f", O_RDWR|O_CREAT|O_EXCL, 0666) = 3
            8 fstat(3, {st_mode=S_IFREG|0755, st_size=0, ...}) = 0

            """ + End);
        Assert.Equal(mismatches, report.Mismatched);
    }

    [Theory]
    [InlineData("futex(0x7ffff7fc0000, FUTEX_WAKE_PRIVATE, 2147483647) = 0", null)]
    [InlineData("futex(0x7ffff7fc0000, FUTEX_WAKE_PRIVATE, 1) = 1", "0")]
    [InlineData("futex(0x7ffff7fc0001, FUTEX_WAKE_PRIVATE, 1) = -1 EINVAL (Invalid argument)", null)]
    [InlineData("futex(0x7ffff7fc0002, FUTEX_WAKE_PRIVATE, 1) = 0", "EINVAL")]
    [InlineData("futex(0x7ffff7fc0000, FUTEX_WAIT, 0, {tv_sec=0, tv_nsec=20}) = -1 ETIMEDOUT (Connection timed out)",
        null)]
    [InlineData("futex(0x7ffff7fc0000, FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME, 0, {tv_sec=1796107077, "
        + "tv_nsec=5}, FUTEX_BITSET_MATCH_ANY) = -1 ETIMEDOUT (Connection timed out)", null)]
    [InlineData("futex(0x1000, FUTEX_WAIT, 0, {tv_sec=0, tv_nsec=20}) = -1 ETIMEDOUT (Connection timed out)", "EFAULT")]
    [InlineData("futex(0x7ffff7fc0000, FUTEX_WAIT, 0, {tv_sec=0, tv_nsec=1000000000}) = -1 EINVAL (Invalid argument)",
        null)]
    [InlineData("futex(0x7ffff7fc0000, FUTEX_WAKE_BITSET, 1, 0) = -1 EINVAL (Invalid argument)", null)]
    [InlineData("futex(0x7ffff7fc0000, 0x63 /* FUTEX_??? */, 1) = -1 ENOSYS (Function not implemented)", null)]
    public void What_a_futex_call_answers_by_its_arguments_is_compared(string line, string? actual)
    {
        CheckReport report = Check(Program + "8 " + line + "\n" + End);
        Assert.Equal(actual, report.Mismatches.SingleOrDefault()?.Actual);
        Assert.Equal(1, report.Skipped.Values.Sum());
        Assert.True(report.AddUp);
    }

    [Theory]
    [InlineData("futex(0x7ffff7fc0000, FUTEX_WAIT, 0, NULL) = -1 EAGAIN (Resource temporarily unavailable)",
        "the word of a futex, which the log does not show")]
    [InlineData("futex(0x7ffff7fc0000, FUTEX_WAIT, 0, NULL) = 0",
        "who waits at a futex at that moment, which the log does not tell")]
    [InlineData("futex(0x7ffff7fc0000, FUTEX_LOCK_PI, NULL) = 0", "a lock whose word changes without a call")]
    public void What_the_log_does_not_tell_of_a_futex_is_skipped_by_name(string line, string reason) =>
        Assert.Equal(1, Check(Program + "8 " + line + "\n" + End).Skipped[reason]);

    [Theory]
    [InlineData("flock(4, LOCK_SH|LOCK_NB) = -1 EAGAIN (Resource temporarily unavailable)", null)]
    [InlineData("flock(4, LOCK_SH|LOCK_NB) = 0", "EAGAIN")]
    [InlineData("fcntl(3, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=-1, l_len=5}) = 0", "EINVAL")]
    [InlineData("fsetxattr(3, \"user.a\", \"x\", 1, XATTR_REPLACE) = 0", "ENODATA")]
    [InlineData("fgetxattr(3, \"user.a\", 0x7ffd, 0) = -1 ENODATA (No data available)", null)]
    [InlineData("utimensat(3, NULL, [UTIME_NOW, {tv_sec=1, tv_nsec=1000000000}], 0) = -1 EINVAL (Invalid argument)",
        null)]
    [InlineData("utimensat(3, NULL, [UTIME_NOW, {tv_sec=1, tv_nsec=2}], AT_SYMLINK_NOFOLLOW) = 0", "EINVAL")]
    [InlineData("statfs(\"/w/no\", 0x7ffd) = 0", "ENOENT")]
    public void Locks_values_and_times_of_files_are_compared(string line, string? actual)
    {
        CheckReport report = Check(Program + """
            8 mkdir("/w", 0777) = 0
            8 openat(AT_FDCWD, "/w/f", O_RDWR|O_CREAT|O_EXCL, 0666) = 3
            8 openat(AT_FDCWD, "/w/f", O_RDWR) = 4
            8 flock(3, LOCK_EX) = 0

            """ + "8 " + line + "\n" + End);
        Assert.Equal(actual, report.Mismatches.SingleOrDefault()?.Actual);
        Assert.True(report.AddUp);
    }

    [Fact]
    public void A_call_that_the_end_of_the_process_cut_short_is_not_compared()
    {
        CheckReport report = Check(Program + """
            8 clone(child_stack=0x7ffff7000000, flags=CLONE_VM|CLONE_FILES|CLONE_THREAD|CLONE_SIGHAND) = 9
            9 madvise(0x7ffff7fbd000, 4096, MADV_DONTNEED <unfinished ...>
            8 exit_group(3) = ?
            9 <... madvise resumed>) = 231
            9 +++ exited with 3 +++
            8 +++ exited with 3 +++

            """);
        Assert.Empty(report.Mismatches);
        Assert.Equal(1, report.Skipped["a call that the end of its task cut short"]);
        Assert.Equal(1, report.SkippedCalls["madvise"]);
        Assert.True(report.AddUp);
    }

    [Fact]
    public void A_replay_is_the_same_every_time()
    {
        Assert.Equal(Digest(), Digest());

        static string Digest()
        {
            StraceReplay replay = Read(Program + End, keepGoing: true);
            return MachineRun.Execute(replay.Scenario, NullLoggerFactory.Instance).Digest;
        }
    }

    private static CheckReport Check(string text, bool keepGoing = true)
    {
        StraceReplay replay = Read(text, keepGoing);
        Scenario scenario = replay.Scenario;
        return replay.Finish(MachineRun.Execute(scenario, NullLoggerFactory.Instance));
    }

    private static StraceReplay Read(string text, bool keepGoing) => StraceReplay.Read(
        new MemoryStream(Encoding.UTF8.GetBytes(text)), "log",
        new StraceOptions { Check = CheckLevel.Calls, KeepGoing = keepGoing, MemoryBytes = 64UL << 20 });
}
