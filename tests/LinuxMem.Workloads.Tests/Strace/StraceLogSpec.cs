using System.Text;
using LinuxMem.Simulation;
using LinuxMem.Workloads.Inputs;
using LinuxMem.Workloads.Strace;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Tests.Strace;

public sealed class StraceLogSpec
{
    [Fact]
    public void Every_line_of_the_recorded_logs_is_understood()
    {
        foreach (string path in Logs())
        {
            using Stream stream = InputFile.Open(path);
            StraceLog log = StraceLog.Read(stream, path, strict: true);
            Assert.True(log.Counts.AddUp);
            Assert.DoesNotContain(log.Events, e => e.Kind == StraceEventKind.Call && e.Nr < 0);
            (Stream again, bool isStrace) = LogKind.Open(path);
            again.Dispose();
            Assert.True(isStrace, path);
        }
    }

    [Theory]
    [InlineData("8     brk(NULL) = 0x1000", 8)]
    [InlineData("[pid    8] brk(NULL) = 0x1000", 8)]
    [InlineData("8<ls> brk(NULL) = 0x1000", 8)]
    [InlineData("8     13:38:49.035975 brk(NULL)         = 0x1000 <0.000007>", 8)]
    [InlineData("8     1795354729.943943 brk(NULL)       = 0x1000", 8)]
    [InlineData("8          0.000221 brk(NULL)           = 0x1000", 8)]
    [InlineData("8     [00007ffff7fe9c47] brk(NULL)      = 0x1000", 8)]
    [InlineData("8     [  12] brk(NULL)                  = 0x1000", 8)]
    [InlineData("brk(NULL) = 0x1000", 1)]
    public void A_line_may_begin_with_ids_times_and_addresses(string line, int tid)
    {
        StraceEvent call = Assert.Single(Read(line + "\n").Events);
        Assert.Equal(tid, call.Tid);
        Assert.Equal("brk", call.Name);
        Assert.Equal(0x1000, call.Result.Value);
    }

    [Fact]
    public void A_call_that_is_resumed_is_one_event_of_two_lines()
    {
        StraceLog log = Read("""
            12 mmap(NULL, 8192, PROT_READ,  <unfinished ...>
            11 getpid() = 11
            12 <... mmap resumed>MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7ffff7fc0000
            """);
        Assert.Equal(2, log.Events.Count);
        Assert.Equal((1, 3), (log.Events[0].Line, log.Events[0].EndLine));
        Assert.Equal(0x22UL, log.Events[0][3].Number);
        Assert.Equal(0x7ffff7fc0000, log.Events[0].Result.Value);
        Assert.Equal((2, 1), (log.Counts.Calls, log.Counts.Continued));
    }

    [Fact]
    public void A_call_that_a_message_of_strace_tears_apart_is_put_together()
    {
        StraceLog log = Read("""
            clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLDstrace: Process 14050 attached
            , child_tidptr=0x7ff7cc398a10) = 14050
            [pid 14050] set_robust_list(0x7ff7cc398a20, 24 <unfinished ...>
            [pid 14049] vfork(strace: Process 14051 attached
             <unfinished ...>
            [pid 14050] <... set_robust_list resumed>) = 0
            [pid 14049] <... vfork resumed>) = 14051
            [pid 14050] +++ exited with 0 +++
            [pid 14051] +++ exited with 0 +++
            exit_group(0) = ?
            +++ exited with 0 +++
            """);
        Assert.Empty(log.Counts.RejectedMessages);
        Assert.Equal(14050, log.Events[0].Result.Value);
        Assert.Equal([14049, 14050, 14049, 14050, 14051, 14049, 14049], log.Events.Select(e => e.Tid));
        Assert.Equal(14051, log.Events[2].Result.Value);
    }

    [Fact]
    public void Signals_and_ends_are_events()
    {
        StraceLog log = Read("""
            8 --- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=NULL} ---
            8 --- stopped by SIGSTOP ---
            8 +++ killed by SIGSEGV (core dumped) +++
            9 +++ exited with 3 +++
            """);
        Assert.Equal([StraceEventKind.Signal, StraceEventKind.Killed, StraceEventKind.Exited],
            log.Events.Select(e => e.Kind));
        Assert.Equal("SIGSEGV", log.Events[1].Name);
        Assert.Equal("3", Encoding.ASCII.GetString(log.Events[2].ArgumentText.Span));
        Assert.Equal((2, 2), (log.Counts.Signals, log.Counts.Exits));
    }

    [Fact]
    public void An_argument_that_is_not_there_has_no_members()
    {
        StraceEvent clone = Read("8 clone3() = 9\n").Events[0];
        Assert.Null(clone[0].Member("flags"));
        Assert.Empty(clone[0].Items);
    }

    [Fact]
    public void An_execve_of_another_thread_ends_under_the_id_of_the_leader()
    {
        StraceLog log = Read("""
            8 futex(0x7ff, FUTEX_WAIT, 2, NULL <unfinished ...>
            9 execve("/bin/true", ["true"], 0x7ffe /* 4 vars */ <unfinished ...>
            8 <... futex resumed>) = ?
            8 +++ superseded by execve in pid 9 +++
            8 <... execve resumed>) = 0
            8 brk(NULL) = 0x1000
            """);
        StraceEvent exec = log.Events[1];
        Assert.True(exec.Result.IsSuccess);
        Assert.Equal(9, exec.Tid);
        Assert.Same(exec, log.Events[2].Successor);
    }

    [Theory]
    [InlineData("= ?", false, 0, null)]
    [InlineData("= ? ERESTARTSYS (To be restarted if SA_RESTART is set)", false, 0, "ERESTARTSYS")]
    [InlineData("= -1 ENOENT (No such file or directory)", true, -2, "ENOENT")]
    [InlineData("= -1 ENOTTY (Inappropriate ioctl for device)", true, -25, "ENOTTY")]
    [InlineData("= 3</etc/x = y> <0.000009>", true, 3, null)]
    [InlineData("= 022", true, 18, null)]
    [InlineData("= 1 ([{fd=3, revents=POLLIN}])", true, 1, null)]
    public void Results_are_values_errors_or_not_known(string tail, bool known, long value, string? error)
    {
        StraceResult result = Assert.Single(Read("8 ioctl(3, \"a) = 5\") " + tail + "\n").Events).Result;
        Assert.Equal((known, value, error), (result.IsKnown, result.Value, result.Error));
    }

    [Fact]
    public void A_bad_line_is_counted_with_its_number_and_an_error_when_strict()
    {
        const string text = "8 brk(NULL) = 0x1000\nhello world\n8 > stack\n > libc.so(f+0x1) [0x2]\n\n8 brk(NULL) =";
        StraceLog log = Read(text);
        Assert.Equal((6, 2, 2), (log.Counts.Lines, log.Counts.Rejected, log.Counts.Notes));
        Assert.Equal("log:2: no line of strace", log.Counts.RejectedMessages[0]);
        var error = Assert.Throws<ConfigurationException>(
            () => StraceLog.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "log", strict: true));
        Assert.Equal("log:2: no line of strace", error.Message);
    }

    [Fact]
    public void A_log_that_is_cut_off_keeps_its_last_call_without_an_end()
    {
        StraceLog log = Read("8 brk(NULL) = 0x1000\n8 mmap(NULL, 4096, PROT_RE");
        Assert.Equal(2, log.Events.Count);
        Assert.False(log.Events[1].IsEnded);
        Assert.Equal(0, log.Counts.Rejected);
    }

    [Fact]
    public void What_a_log_lacks_is_said()
    {
        Assert.Contains(Read("8 brk(NULL) = 0x1000\n").Counts.Warnings, w => w.Contains("no execve"));
        string many = string.Concat(Enumerable.Repeat("8 getpid() = 8\n", 40));
        Assert.Contains(Read(many).Counts.Warnings, w => w.Contains("-z"));
        Assert.Contains(Read(many).Counts.Warnings, w => w.Contains("-qq"));
        Assert.Contains(Read("8 execve(\"a\", [], 0x0) = 0\n8 fork() = 9\n").Counts.Warnings, w => w.Contains("-ff"));
        Assert.Throws<ConfigurationException>(() => Read("% time     seconds  usecs/call     calls\n"));
    }

    internal static IEnumerable<string> Logs() =>
        Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Strace", "Data"), "*.xz").Order();

    private static StraceLog Read(string text) =>
        StraceLog.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "log", strict: false);
}
