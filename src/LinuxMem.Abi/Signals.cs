namespace LinuxMem.Abi;

/// <summary>Signals that the simulated kernel sends.</summary>
/// <remarks>Linux: include/uapi/asm-generic/signal.h, v6.18.</remarks>
public enum Signal
{
    /// <summary>No signal.</summary>
    None = 0,
    /// <summary>Killed, by a process or by the OOM killer.</summary>
    SigKill = 9,
    /// <summary>Access beyond an object.</summary>
    SigBus = 7,
    /// <summary>Invalid memory reference.</summary>
    SigSegv = 11,
    /// <summary>Termination request.</summary>
    SigTerm = 15,
}

/// <summary>The si_code of SIGSEGV and SIGBUS.</summary>
/// <remarks>Linux: include/uapi/asm-generic/siginfo.h, v6.18.</remarks>
public enum SignalCode
{
    /// <summary>Sent by the kernel with no address, for instance for a non-canonical address.</summary>
    SiKernel = 0x80,
    /// <summary>SIGSEGV: address not mapped to object.</summary>
    SegvMapErr = 1,
    /// <summary>SIGSEGV: invalid permissions for mapped object.</summary>
    SegvAccErr = 2,
    /// <summary>SIGBUS: nonexistent physical address, for instance beyond the end of a file.</summary>
    BusAdrErr = 0x102,
}
