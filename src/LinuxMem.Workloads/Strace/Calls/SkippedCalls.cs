using LinuxMem.Abi;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>Calls that are not made, and why.</summary>
internal static class SkippedCalls
{
    /// <summary>The reason.</summary>
    internal static string ReasonOf(SyscallNr nr) => nr switch
    {
        SyscallNr.RtSigaction or SyscallNr.RtSigprocmask or SyscallNr.RtSigreturn or SyscallNr.RtSigpending
            or SyscallNr.RtSigtimedwait or SyscallNr.RtSigqueueinfo or SyscallNr.RtSigsuspend or SyscallNr.Sigaltstack
            or SyscallNr.Kill or SyscallNr.Tkill or SyscallNr.Tgkill or SyscallNr.RtTgsigqueueinfo
            or SyscallNr.PidfdSendSignal or SyscallNr.Pause or SyscallNr.Alarm or SyscallNr.Setitimer
            or SyscallNr.Getitimer => "signals act where the log shows them",
        SyscallNr.Getpid or SyscallNr.Gettid or SyscallNr.Getppid or SyscallNr.Getuid or SyscallNr.Geteuid
            or SyscallNr.Getgid or SyscallNr.Getegid or SyscallNr.Getpgrp or SyscallNr.Getpgid or SyscallNr.Getsid
            or SyscallNr.Setsid or SyscallNr.Setpgid or SyscallNr.Uname or SyscallNr.Getgroups or SyscallNr.Setgroups
            or SyscallNr.Capget => "names of tasks and users",
        SyscallNr.Nanosleep or SyscallNr.ClockNanosleep or SyscallNr.ClockGettime or SyscallNr.Gettimeofday
            or SyscallNr.Time or SyscallNr.Times or SyscallNr.ClockGetres or SyscallNr.TimerCreate
            or SyscallNr.TimerSettime or SyscallNr.TimerDelete or SyscallNr.RestartSyscall => "time",
        SyscallNr.Futex or SyscallNr.SchedYield or SyscallNr.SchedSetaffinity or SyscallNr.SchedGetaffinity
            or SyscallNr.SchedSetscheduler or SyscallNr.SchedGetscheduler
            or SyscallNr.Poll or SyscallNr.Ppoll or SyscallNr.Select or SyscallNr.Pselect6 or SyscallNr.EpollWait
            or SyscallNr.EpollCtl or SyscallNr.EpollPwait => "waiting and scheduling",
        SyscallNr.Access or SyscallNr.Faccessat or SyscallNr.Faccessat2 or SyscallNr.Stat or SyscallNr.Lstat
            or SyscallNr.Newfstatat or SyscallNr.Statx or SyscallNr.Readlink or SyscallNr.Readlinkat
            or SyscallNr.Getdents or SyscallNr.Getdents64 or SyscallNr.Getcwd or SyscallNr.Chdir or SyscallNr.Fchdir
            or SyscallNr.Mkdir or SyscallNr.Mkdirat or SyscallNr.Rmdir or SyscallNr.Chmod or SyscallNr.Fchmod
            or SyscallNr.Fchmodat or SyscallNr.Chown or SyscallNr.Fchown or SyscallNr.Fchownat or SyscallNr.Statfs
            or SyscallNr.Fstatfs or SyscallNr.Getxattr or SyscallNr.Lgetxattr or SyscallNr.Mount or SyscallNr.Umount2
            or SyscallNr.Symlink or SyscallNr.Mknod or SyscallNr.Umask or SyscallNr.Utimensat
            => "directories and names of files",
        SyscallNr.Ioctl => "devices",
        SyscallNr.Getrandom => "the buffer is not known",
        SyscallNr.ArchPrctl or SyscallNr.SetTidAddress => "registers of a thread",
        _ => "no effect on memory or files",
    };
}
