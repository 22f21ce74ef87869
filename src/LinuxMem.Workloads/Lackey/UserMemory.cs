using LinuxMem.Abi;

namespace LinuxMem.Workloads.Lackey;

/// <summary>
/// Which user memory a logged system call touched: what copy_from_user and copy_to_user access, as far as the log shows
/// addresses and lengths. Without these accesses a third of a real program's faults is missing or of the wrong kind.
/// </summary>
internal static class UserMemory
{
    // Sizes of the structures on x86-64. Linux: arch/x86/include/uapi/asm and include/uapi/linux, v6.18.
    private const ulong Stat = 144;
    private const ulong Statx = 256;
    private const ulong Statfs = 120;
    private const ulong Rusage = 144;
    private const ulong Sigaction = 32;
    private const ulong Timespec = 16;

    private static readonly Touch[][] ByNr = MakeTable();

    /// <summary>
    /// Appends what a call reads to <paramref name="before"/>, and what it writes, if it succeeded, to <paramref
    /// name="after"/>.
    /// </summary>
    internal static void Collect(LackeyCall call, List<UserRange> before, List<UserRange> after)
    {
        for (int i = 0; i < call.ArgCount; i++)
        {
            // The terminating zero is read too. A byte is a character of the path nearly always; a page more or less is
            // never at stake.
            if (call.Text(i) is { } text)
                Add(before, AccessKind.Read, call.Arg(i), (ulong)text.Length + 1);
        }

        if ((uint)call.Nr >= (uint)ByNr.Length)
            return;
        foreach (var touch in ByNr[call.Nr])
        {
            if (touch.Kind == AccessKind.Read)
                Add(before, AccessKind.Read, call.Arg(touch.Pointer), touch.Length(call));
            else if (call.Succeeded)
                Add(after, AccessKind.Write, call.Arg(touch.Pointer), touch.Length(call));
        }
    }

    private static void Add(List<UserRange> ranges, AccessKind kind, ulong start, ulong bytes)
    {
        var range = new UserRange(kind, start, bytes);
        if (range.IsPlausible)
            ranges.Add(range);
    }

    private static Touch[][] MakeTable()
    {
        var table = new Touch[512][];
        Array.Fill(table, []);
        AddFiles(table);
        AddProcesses(table);
        AddSockets(table);
        return table;
    }

    private static void AddFiles(Touch[][] t)
    {
        t[0] = [Touch.WriteResult(1)]; // read
        t[1] = [Touch.ReadResult(1)]; // write
        t[4] = t[5] = t[6] = [Touch.Write(1, Stat)]; // stat, fstat, lstat
        t[7] = t[271] = [Touch.Read(0, 1, 8), Touch.Write(0, 1, 8)]; // poll, ppoll
        t[16] = [Touch.WriteIoctl()]; // ioctl
        t[17] = [Touch.WriteResult(1)]; // pread64
        t[18] = [Touch.ReadResult(1)]; // pwrite64
        t[19] = t[20] = t[295] = t[296] = [Touch.Read(1, 2, 16)]; // readv, writev, preadv, pwritev: the array alone
        t[22] = t[293] = [Touch.Write(0, 8)]; // pipe, pipe2
        t[40] = [Touch.Write(2, 8)]; // sendfile
        t[78] = t[217] = [Touch.WriteResult(1)]; // getdents, getdents64
        t[79] = [Touch.WriteResult(0)]; // getcwd
        t[89] = [Touch.WriteResult(1)]; // readlink
        t[137] = t[138] = [Touch.Write(1, Statfs)]; // statfs, fstatfs
        t[191] = t[192] = t[193] = [Touch.WriteResult(2)]; // getxattr, lgetxattr, fgetxattr
        t[194] = t[195] = t[196] = [Touch.WriteResult(1)]; // listxattr, llistxattr, flistxattr
        t[232] = t[281] = [Touch.WriteResult(1, 12)]; // epoll_wait, epoll_pwait
        t[233] = [Touch.Read(3, 12)]; // epoll_ctl
        t[262] = [Touch.Write(2, Stat)]; // newfstatat
        t[267] = [Touch.WriteResult(2)]; // readlinkat
        t[332] = [Touch.Write(4, Statx)]; // statx
    }

    private static void AddProcesses(Touch[][] t)
    {
        t[13] = [Touch.Read(1, Sigaction), Touch.Write(2, Sigaction)]; // rt_sigaction
        t[14] = [Touch.Read(1, 8), Touch.Write(2, 8)]; // rt_sigprocmask
        t[35] = [Touch.Read(0, Timespec)]; // nanosleep
        t[61] = [Touch.Write(1, 4), Touch.Write(3, Rusage)]; // wait4
        t[63] = [Touch.Write(0, 390)]; // uname
        t[96] = [Touch.Write(0, 16), Touch.Write(1, 8)]; // gettimeofday
        t[97] = [Touch.Write(1, 16)]; // getrlimit
        t[98] = [Touch.Write(1, Rusage)]; // getrusage
        t[99] = [Touch.Write(0, 112)]; // sysinfo
        t[100] = [Touch.Write(0, 32)]; // times
        t[118] = t[120] = [Touch.Write(0, 4), Touch.Write(1, 4), Touch.Write(2, 4)]; // getresuid, getresgid
        t[131] = [Touch.Read(0, 24), Touch.Write(1, 24)]; // sigaltstack
        t[160] = [Touch.Read(1, 16)]; // setrlimit
        t[201] = [Touch.Write(0, 8)]; // time
        t[202] = [Touch.Read(0, 4)]; // futex
        t[203] = [Touch.Read(2, 1, 1)]; // sched_setaffinity
        t[204] = [Touch.WriteResult(2)]; // sched_getaffinity
        t[228] = t[229] = [Touch.Write(1, Timespec)]; // clock_gettime, clock_getres
        t[230] = [Touch.Read(2, Timespec)]; // clock_nanosleep
        t[247] = [Touch.Write(2, 128), Touch.Write(4, Rusage)]; // waitid
        t[302] = [Touch.Read(2, 16), Touch.Write(3, 16)]; // prlimit64
        t[318] = [Touch.WriteResult(0)]; // getrandom
    }

    private static void AddSockets(Touch[][] t)
    {
        t[42] = t[49] = [Touch.Read(1, 2, 1)]; // connect, bind
        t[43] = t[51] = t[52] = t[288] = [Touch.Write(2, 4)]; // accept, getsockname, getpeername, accept4: the length
        t[44] = [Touch.ReadResult(1)]; // sendto
        t[45] = [Touch.WriteResult(1)]; // recvfrom
        t[46] = t[47] = [Touch.Read(1, 56)]; // sendmsg, recvmsg: the header alone is known
        t[53] = [Touch.Write(3, 8)]; // socketpair
        t[54] = [Touch.Read(3, 4, 1)]; // setsockopt
        t[55] = [Touch.Write(3, 4), Touch.Write(4, 4)]; // getsockopt
    }

    /// <summary>Memory that a call touches: where its pointer is, and how long it is.</summary>
    /// <param name="Kind">Read or Write.</param>
    /// <param name="Pointer">Index of the argument that points to it.</param>
    /// <param name="Source">What the length depends on.</param>
    /// <param name="Arg">Index of the argument that counts the elements.</param>
    /// <param name="Bytes">Bytes, of an element or in all.</param>
    private readonly record struct Touch(AccessKind Kind, int Pointer, LengthSource Source, int Arg, ulong Bytes)
    {
        internal static Touch Read(int pointer, ulong bytes) =>
            new(AccessKind.Read, pointer, LengthSource.Fixed, 0, bytes);

        internal static Touch Read(int pointer, int arg, ulong bytes) =>
            new(AccessKind.Read, pointer, LengthSource.Argument, arg, bytes);

        internal static Touch ReadResult(int pointer) => new(AccessKind.Read, pointer, LengthSource.Result, 0, 1);

        internal static Touch Write(int pointer, ulong bytes) =>
            new(AccessKind.Write, pointer, LengthSource.Fixed, 0, bytes);

        internal static Touch Write(int pointer, int arg, ulong bytes) =>
            new(AccessKind.Write, pointer, LengthSource.Argument, arg, bytes);

        internal static Touch WriteResult(int pointer, ulong bytes = 1) =>
            new(AccessKind.Write, pointer, LengthSource.Result, 0, bytes);

        internal static Touch WriteIoctl() => new(AccessKind.Write, 2, LengthSource.Ioctl, 1, 0);

        internal ulong Length(LackeyCall call) => Source switch
        {
            LengthSource.Fixed => Bytes,
            LengthSource.Argument => call.Arg(Arg) <= uint.MaxValue ? call.Arg(Arg) * Bytes : 0,
            LengthSource.Result => call.Succeeded && call.Result <= uint.MaxValue ? call.Result * Bytes : 0,
            _ => IoctlBytes(call.Arg(Arg)),
        };

        /// <summary>
        /// What the usual questions to a terminal write. Linux: include/uapi/asm-generic/ioctls.h, v6.18.
        /// </summary>
        private static ulong IoctlBytes(ulong request) => request switch
        {
            0x5401 => 36, // TCGETS
            0x540f or 0x541b => 4, // TIOCGPGRP, FIONREAD
            0x5413 => 8, // TIOCGWINSZ
            _ => 0,
        };
    }

    private enum LengthSource : byte
    {
        Fixed,
        Argument,
        Result,
        Ioctl,
    }
}
