namespace LinuxMem.Abi;

/// <summary>Signals.</summary>
/// <remarks>
/// Linux: include/uapi/asm-generic/signal.h, v6.18. Real-time signals (32 to 64) have no names here.
/// </remarks>
public enum Signal
{
    /// <summary>No signal.</summary>
    None = 0,
    /// <summary>The terminal hung up.</summary>
    SigHup = 1,
    /// <summary>Interrupt from the keyboard.</summary>
    SigInt = 2,
    /// <summary>Quit from the keyboard.</summary>
    SigQuit = 3,
    /// <summary>Illegal instruction.</summary>
    SigIll = 4,
    /// <summary>Breakpoint.</summary>
    SigTrap = 5,
    /// <summary>abort().</summary>
    SigAbrt = 6,
    /// <summary>Access beyond an object.</summary>
    SigBus = 7,
    /// <summary>Arithmetic error.</summary>
    SigFpe = 8,
    /// <summary>Killed, by a process or by the OOM killer.</summary>
    SigKill = 9,
    /// <summary>For users.</summary>
    SigUsr1 = 10,
    /// <summary>Invalid memory reference.</summary>
    SigSegv = 11,
    /// <summary>For users.</summary>
    SigUsr2 = 12,
    /// <summary>A pipe without a reader was written to.</summary>
    SigPipe = 13,
    /// <summary>alarm() ran out.</summary>
    SigAlrm = 14,
    /// <summary>Termination request.</summary>
    SigTerm = 15,
    /// <summary>Coprocessor stack fault; never sent.</summary>
    SigStkFlt = 16,
    /// <summary>A child ended.</summary>
    SigChld = 17,
    /// <summary>Go on, if stopped.</summary>
    SigCont = 18,
    /// <summary>Stop.</summary>
    SigStop = 19,
    /// <summary>Stop from the keyboard.</summary>
    SigTstp = 20,
    /// <summary>Read from the terminal in the background.</summary>
    SigTtin = 21,
    /// <summary>Write to the terminal in the background.</summary>
    SigTtou = 22,
    /// <summary>Urgent data on a socket.</summary>
    SigUrg = 23,
    /// <summary>CPU time limit.</summary>
    SigXcpu = 24,
    /// <summary>File size limit.</summary>
    SigXfsz = 25,
    /// <summary>Virtual alarm clock.</summary>
    SigVtalrm = 26,
    /// <summary>Profiling clock.</summary>
    SigProf = 27,
    /// <summary>The window changed its size.</summary>
    SigWinch = 28,
    /// <summary>I/O is possible.</summary>
    SigIo = 29,
    /// <summary>Power failure.</summary>
    SigPwr = 30,
    /// <summary>Bad system call.</summary>
    SigSys = 31,
}

/// <summary>The si_code of a signal.</summary>
/// <remarks>Linux: include/uapi/asm-generic/siginfo.h, v6.18. The codes of SIGBUS have 0x100 added here.</remarks>
public enum SignalCode
{
    /// <summary>Sent by a process: kill.</summary>
    SiUser = 0,
    /// <summary>Sent by the kernel with no address, for instance for a non-canonical address.</summary>
    SiKernel = 0x80,
    /// <summary>SIGSEGV: address not mapped to object.</summary>
    SegvMapErr = 1,
    /// <summary>SIGSEGV: invalid permissions for mapped object.</summary>
    SegvAccErr = 2,
    /// <summary>SIGBUS: nonexistent physical address, for instance beyond the end of a file.</summary>
    BusAdrErr = 0x102,
    /// <summary>SIGBUS: object-specific hardware error.</summary>
    BusObjErr = 0x103,
    /// <summary>SIGBUS: the access hit memory that had a hardware error.</summary>
    BusMceErrAr = 0x104,
    /// <summary>SIGBUS: memory of the process had a hardware error, which it has not touched yet.</summary>
    BusMceErrAo = 0x105,
    /// <summary>SIGCHLD: the child ended by itself.</summary>
    CldExited = 0x201,
    /// <summary>SIGCHLD: the child was ended by a signal.</summary>
    CldKilled = 0x202,
    /// <summary>Sent to one thread: tgkill.</summary>
    SiTkill = -6,
}

/// <summary>A signal as its handler sees it.</summary>
/// <param name="Signal">Which.</param>
/// <param name="Code">Why.</param>
/// <param name="Address">The address at fault, for SIGSEGV and SIGBUS; else the sender's pid.</param>
public readonly record struct SignalInfo(Signal Signal, SignalCode Code, ulong Address);

/// <summary>
/// A program that handles signals. It says for which by rt_sigaction; then it is told of each before it is next asked
/// what it does.
/// </summary>
public interface ISignalHandler
{
    /// <summary>
    /// The handler runs. After SIGSEGV and SIGBUS of an access, what was left of the batch is dropped, the access
    /// itself included: the handler decides what happens next.
    /// </summary>
    void OnSignal(in SignalInfo info);
}
