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

    [Fact]
    public void A_descriptor_that_an_open_beside_a_dup2_is_about_to_fill_is_not_open_yet() =>
        Assert.Empty(Mismatches("""
            8 mknodat(AT_FDCWD, "/work/p", S_IFIFO|0600) = 0
            8 clone(child_stack=0x7ffff6ca9fb0, flags=CLONE_VM|CLONE_FILES|SIGCHLD) = 9
            8 openat(AT_FDCWD, "/work/p", O_RDONLY <unfinished ...>
            9 openat(AT_FDCWD, "/dev/null", O_RDONLY) = 4
            9 dup2(4, 3) = -1 EBUSY (Device or resource busy)
            9 exit_group(0) = ?
            9 +++ exited with 0 +++
            8 <... openat resumed>) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)
            8 --- SIGALRM {si_signo=SIGALRM, si_code=SI_KERNEL} ---
            8 rt_sigreturn({mask=[]}) = -1 EINTR (Interrupted system call)
            8 close(3) = -1 EBADF (Bad file descriptor)
            """));

    [Fact]
    public void A_listing_ends_early_where_a_signal_waits_and_goes_on_from_there() => Assert.Empty(Mismatches("""
            8 mkdir("/work/d", 0700) = 0
            8 openat(AT_FDCWD, "/work/d", O_RDONLY|O_DIRECTORY) = 3
            8 getdents64(3, [{d_ino=1, d_name="."}], 32768) = 24
            8 --- SIGURG {si_signo=SIGURG, si_code=SI_TKILL, si_pid=8, si_uid=0} ---
            8 getdents64(3, [{d_ino=2, d_name=".."}], 32768) = 24
            8 getdents64(3, [], 32768) = 0
            """));

    [Fact]
    public void A_link_may_lead_to_a_text_of_proc_which_has_no_size_and_is_not_empty() => Assert.Empty(Mismatches("""
            8 openat(AT_FDCWD, "/etc/mtab", O_RDONLY) = 3
            8 fstat(3, {st_mode=S_IFREG|0444, st_blksize=1024, st_size=0}) = 0
            8 read(3, "proc /proc proc rw 0 0\n", 1024) = 23
            8 read(3, "", 1024) = 0
            """));

    [Fact]
    public void A_program_that_is_aligned_to_more_than_a_page_begins_below_the_usual_place() =>
        Assert.Empty(Mismatches("""
            8 madvise(0x555555550000, 16384, MADV_DONTDUMP) = 0
            8 madvise(0x555555540000, 4096, MADV_DONTDUMP) = -1 ENOMEM (Cannot allocate memory)
            """));

    [Fact]
    public void A_program_that_never_asks_for_its_break_has_data_where_its_thread_pointer_leads() =>
        Assert.Empty(Mismatches("""
            8 execve("./go", ["./go"], 0x7ffd /* 4 vars */) = 0
            8 arch_prctl(ARCH_SET_FS, 0x52cb70) = 0
            8 futex(0x52cfc8, FUTEX_WAIT_PRIVATE, 0, {tv_sec=0, tv_nsec=100000}) = -1 ETIMEDOUT (Connection timed out)
            """));

    [Fact]
    public void Which_sizes_of_huge_pages_the_machine_has_its_first_refusal_tells() => Assert.Empty(Mismatches("""
            8 shmget(0x6277, 262144, IPC_CREAT|SHM_HUGETLB|30<<SHM_HUGE_SHIFT|0600) = -1 EINVAL (Invalid argument)
            8 mmap(NULL, 1073741824, 1, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB|30<<MAP_HUGE_SHIFT, -1, 0) = -1 EINVAL (.)
            """));

    [Fact]
    public void Memory_that_a_log_shows_and_that_vmsplice_may_not_fill_leaves_the_pipe_as_it_is() =>
        Assert.Empty(Mismatches("""
            8 pipe2([3, 4], O_NONBLOCK) = 0
            8 write(4, "abcd", 4) = 4
            8 vmsplice(3, [{iov_base="\0\0\0\0", iov_len=4}], 1, 0) = -1 EFAULT (Bad address)
            8 read(3, "abcd", 4) = 4
            """));

    [Fact]
    public void A_mask_of_nodes_that_is_too_short_to_name_one_need_not_be_shown() => Assert.Empty(Mismatches("""
            8 mmap(0x30000000, 8192, PROT_READ, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x30000000
            8 mbind(0x30000000, 8192, MPOL_PREFERRED, 0x7fffffffdb40, 1, 0) = 0
            8 set_mempolicy_home_node(0x30000000, 8192, 0, 0) = -1 EOPNOTSUPP (Operation not supported)
            8 mbind(0x30000000, 8192, MPOL_BIND, 0x7fffffffdb40, 40000, 0) = -1 EINVAL (Invalid argument)
            """));

    [Fact]
    public void Memory_at_an_unknown_address_may_cut_a_copy_from_another_process_short() => Assert.Empty(Mismatches("""
            8 mmap(0x30000000, 8192, PROT_READ, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x30000000
            8 process_vm_readv(8, [{iov_base="a", iov_len=2}], 1, [{iov_base=0x30000000, iov_len=2}], 1, 0) = 1
            """));

    [Fact]
    public void Where_a_link_leads_through_a_name_that_nobody_has_told_of_is_not_known() => Assert.Empty(Mismatches("""
            8 symlink("b/..", "/work/c") = 0
            8 mkdir("/work/c/c", 0700) = -1 ENOENT (No such file or directory)
            """));

    [Fact]
    public void Where_mremap_is_to_move_to_is_shown_with_a_fixed_place_alone() => Assert.Empty(Mismatches("""
            8 mremap(NULL, 1, 1, MREMAP_MAYMOVE|MREMAP_DONTUNMAP) = -1 EFAULT (Bad address)
            8 mremap(0x30000000, 1, 1, MREMAP_MAYMOVE|MREMAP_DONTUNMAP) = -1 EFAULT (Bad address)
            """));

    [Fact]
    public void What_ioctl_says_of_a_descriptor_fcntl_and_execve_find() => Assert.Empty(Mismatches("""
            8 memfd_create("m", 0) = 3
            8 ioctl(3, FIONBIO, [1]) = 0
            8 fcntl(3, F_GETFL) = 0x8802 (flags O_RDWR|O_NONBLOCK|O_LARGEFILE)
            8 ioctl(3, FIONBIO, [0]) = 0
            8 fcntl(3, F_GETFL) = 0x8002 (flags O_RDWR|O_LARGEFILE)
            8 dup(3) = 4
            8 ioctl(4, FIOCLEX) = 0
            8 fcntl(4, F_GETFD) = 0x1 (flags FD_CLOEXEC)
            8 ioctl(3, FIOCLEX) = 0
            8 ioctl(3, FIONCLEX) = 0
            8 execve("/usr/bin/true", ["true"], 0x7ffd /* 4 vars */) = 0
            8 ftruncate(3, 4096) = 0
            8 ftruncate(4, 4096) = -1 EBADF (Bad file descriptor)
            8 ioctl(4, FIONBIO, 0x7ffffffde000) = -1 EBADF (Bad file descriptor)
            """));

    [Fact]
    public void Limits_of_which_the_first_process_never_asks_those_that_it_made_tell() => Assert.Empty(Mismatches("""
            8 clone(child_stack=NULL, flags=SIGCHLD) = 9
            9 setuid(65534) = 0
            9 prlimit64(0, RLIMIT_CORE, NULL, {rlim_cur=0, rlim_max=RLIM64_INFINITY}) = 0
            9 prlimit64(0, RLIMIT_CORE, {rlim_cur=0, rlim_max=RLIM64_INFINITY}, NULL) = 0
            9 exit_group(0) = ?
            9 +++ exited with 0 +++
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
