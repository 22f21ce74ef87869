using System.Text;
using LinuxMem.Actors.Machine;
using LinuxMem.Workloads.Strace;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Actors.Tests.Strace;

/// <summary>
/// Threads that use the same descriptors at the same time: some order explains what each was answered.
/// </summary>
public sealed class DescriptorRacesSpec
{
    private const string Start = """
        8 execve("/usr/bin/true", ["true"], 0x7ffd /* 4 vars */) = 0
        8 brk(NULL) = 0x55555555e000
        8 memfd_create("m", 0) = 3

        """;

    private const string Thread =
        "8 clone(child_stack=0x7ffff7000000, flags=CLONE_VM|CLONE_FILES|CLONE_THREAD|CLONE_SIGHAND) = 9\n";

    private const string End = """
        8 exit_group(0) = ?
        8 +++ exited with 0 +++

        """;

    [Theory]
    [InlineData("""
        8 close(3 <unfinished ...>
        9 close(3 <unfinished ...>
        8 <... close resumed>) = -1 EBADF (Bad file descriptor)
        9 <... close resumed>) = 0
        """)]
    [InlineData("""
        8 dup(3 <unfinished ...>
        9 close(3) = 0
        8 <... dup resumed>) = 4
        9 close(4) = 0
        """)]
    [InlineData("""
        8 dup(3 <unfinished ...>
        9 close(4) = 0
        8 <... dup resumed>) = 4
        9 close(4) = -1 EBADF (Bad file descriptor)
        """)]
    [InlineData("""
        8 lseek(3, 0, SEEK_SET <unfinished ...>
        9 close(3) = 0
        8 <... lseek resumed>) = 0
        """)]
    [InlineData("""
        8 close(3 <unfinished ...>
        9 memfd_create("n", 0) = 3
        8 <... close resumed>) = 0
        9 close(3) = 0
        """)]
    public void An_order_within_the_lines_of_the_calls_explains_the_answers(string lines) =>
        Assert.Empty(Mismatches(Thread + lines));

    [Theory]
    [InlineData("""
        8 close(3) = -1 EBADF (Bad file descriptor)
        9 close(3 <unfinished ...>
        9 <... close resumed>) = 0
        """)]
    [InlineData("""
        8 close(3 <unfinished ...>
        9 close(3 <unfinished ...>
        8 <... close resumed>) = -1 EBADF (Bad file descriptor)
        9 <... close resumed>) = -1 EBADF (Bad file descriptor)
        """)]
    public void What_no_order_explains_differs(string lines) => Assert.NotEmpty(Mismatches(Thread + lines));

    [Fact]
    public void What_was_open_before_the_log_takes_its_place_under_the_limit()
    {
        Assert.Empty(Mismatches("""
            8 prlimit64(0, RLIMIT_NOFILE, {rlim_cur=7, rlim_max=7}, NULL) = 0
            8 dup(3) = 4
            8 dup(3) = 6
            8 dup(3) = -1 EMFILE (Too many open files)
            8 close(5) = 0
            8 dup(3) = 5
            """));
        Assert.Empty(Mismatches("""
            8 clone(child_stack=NULL, flags=SIGCHLD) = 9
            9 prlimit64(0, RLIMIT_NOFILE, {rlim_cur=6, rlim_max=6}, NULL) = 0
            9 dup(3) = 5
            9 dup(3) = -1 EMFILE (Too many open files)
            9 exit_group(0) = ?
            9 +++ exited with 0 +++
            """));
    }

    private static List<string> Mismatches(string lines)
    {
        byte[] log = Encoding.UTF8.GetBytes(Start + lines + "\n" + End);
        StraceReplay replay = StraceReplay.Read(new MemoryStream(log), "log",
            new StraceOptions { Check = CheckLevel.Calls, KeepGoing = true });
        CheckReport report = replay.Finish(MachineRun.Execute(replay.Scenario, NullLoggerFactory.Instance));
        Assert.True(report.AddUp);
        return [.. report.Mismatches.Select(m => $"{m.Line}: {m.Call} = {m.Expected}, not {m.Actual}")];
    }
}
