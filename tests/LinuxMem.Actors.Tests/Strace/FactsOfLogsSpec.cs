using System.Text;
using LinuxMem.Actors.Machine;
using LinuxMem.Workloads.Strace;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Actors.Tests.Strace;

/// <summary>What a log tells in passing, of names, threads and segments, holds for later answers.</summary>
public sealed class FactsOfLogsSpec
{
    private const string Start = """
        8 execve("/usr/bin/true", ["true"], 0x7ffd /* 4 vars */) = 0
        8 brk(NULL) = 0x55555555e000

        """;

    private const string End = """
        8 exit_group(0) = ?
        8 +++ exited with 0 +++

        """;

    [Fact]
    public void Something_that_only_its_file_system_was_told_of_is_a_directory_once_files_are_made_in_it() =>
        Assert.Empty(Mismatches("""
            8 statfs("/dev/shm", {f_type=TMPFS_MAGIC, f_bsize=4096, f_namelen=255, f_frsize=4096}) = 0
            8 openat(AT_FDCWD, "/dev/shm/a", O_RDWR|O_CREAT|O_EXCL, 0600) = 3
            8 ftruncate(3, 4096) = 0
            8 link("/dev/shm/a", "/dev/shm/b") = 0
            8 unlink("/dev/shm/a") = 0
            8 unlink("/dev/shm/a") = -1 ENOENT (No such file or directory)
            8 close(3) = 0
            """));

    [Fact]
    public void A_listing_that_others_interrupt_moves_the_directory_on() => Assert.Empty(Mismatches("""
            8 mkdir("/work/d", 0700) = 0
            8 openat(AT_FDCWD, "/work/d", O_RDONLY|O_DIRECTORY) = 3
            8 clone(child_stack=NULL, flags=SIGCHLD) = 9
            8 getdents64(3,  <unfinished ...>
            9 getpid() = 9
            8 <... getdents64 resumed>[{d_ino=1, d_name="."}, {d_ino=2, d_name=".."}], 32768) = 48
            8 getdents64(3, [], 32768) = 0
            9 exit_group(0) = ?
            9 +++ exited with 0 +++
            """));

    [Fact]
    public void A_process_has_ended_when_its_first_task_has_and_not_with_its_threads() => Assert.Empty(Mismatches("""
            8 clone(child_stack=NULL, flags=SIGCHLD) = 9
            9 clone(child_stack=0x7ffff7000000, flags=CLONE_VM|CLONE_FILES|CLONE_THREAD|CLONE_SIGHAND) = 10
            10 getpid() = 9
            9 exit_group(5) = ?
            10 +++ exited with 5 +++
            8 wait4(-1, 0x7fffffffe6cc, WNOHANG, NULL) = 0
            9 +++ exited with 5 +++
            8 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 5}], WNOHANG, NULL) = 9
            8 wait4(-1, 0x7fffffffe6cc, WNOHANG, NULL) = -1 ECHILD (No child processes)
            """));

    [Fact]
    public void A_segment_from_before_the_log_is_there_once_an_answer_shows_it() => Assert.Empty(Mismatches("""
            8 shmctl(0, SHM_STAT, {shm_perm={uid=0, gid=0, mode=0666, key=0, cuid=0, cgid=0}, shm_segsz=8192}) = 7
            8 shmat(7, 0x7ffff0000000, 0) = 0x7ffff0000000
            8 shmdt(0x7ffff0000000) = 0
            8 shmctl(7, IPC_RMID, NULL) = 0
            8 shmctl(7, IPC_RMID, NULL) = -1 EINVAL (Invalid argument)
            """));

    [Fact]
    public void Who_may_attach_a_segment_changes_with_its_mode() => Assert.Empty(Mismatches("""
            8 shmget(IPC_PRIVATE, 4096, IPC_CREAT|0600) = 3
            8 shmctl(3, IPC_SET, {shm_perm={uid=0, gid=0, mode=0400}}) = 0
            8 setuid(65534) = 0
            8 shmat(3, NULL, 0) = -1 EACCES (Permission denied)
            """));

    [Fact]
    public void Calls_after_one_of_an_ABI_that_is_not_there_are_of_that_too() => Assert.Empty(Mismatches("""
            8 memfd_create(0x3, 0) = -1 ENOSYS (Function not implemented)
            8 userfaultfd(UFFD_USER_MODE_ONLY|0x2) = -1 ENOSYS (Function not implemented)
            8 userfaultfd(UFFD_USER_MODE_ONLY|0x2) = -1 ENOSYS (Function not implemented)
            8 userfaultfd(0x2) = -1 EINVAL (Invalid argument)
            """));

    [Fact]
    public void What_cannot_be_opened_here_is_open_all_the_same_where_the_log_shows_it() => Assert.Empty(Mismatches("""
            8 mkdir("/work/a", 0700) = 0
            8 mkdir("/work/a/x", 0700) = 0
            8 mkdir("/work/b", 0700) = 0
            8 mount("/work/a", "/work/b", NULL, MS_BIND, NULL) = 0
            8 openat(AT_FDCWD, "/work/b/x", O_RDONLY|O_DIRECTORY) = 3
            8 openat(3, "..", O_RDONLY|O_DIRECTORY) = 4
            8 close(4) = 0
            """));

    [Fact]
    public void Who_has_become_another_user_keeps_others_out_of_its_memory() => Assert.Empty(Mismatches("""
            8 setuid(65534) = 0
            8 prctl(PR_GET_DUMPABLE) = 0 (SUID_DUMP_DISABLE)
            8 clone(child_stack=NULL, flags=SIGCHLD) = 9
            9 prctl(PR_GET_DUMPABLE) = 0 (SUID_DUMP_DISABLE)
            9 migrate_pages(8, 64, [0x00000000000001], [0x00000000000001]) = -1 EPERM (Operation not permitted)
            9 exit_group(0) = ?
            9 +++ exited with 0 +++
            8 migrate_pages(0, 64, [0x00000000000001], [0x00000000000002]) = -1 EPERM (Operation not permitted)
            """));

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
