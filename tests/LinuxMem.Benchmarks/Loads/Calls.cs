using LinuxMem.Abi;

namespace LinuxMem.Benchmarks.Loads;

/// <summary>The system calls that loads make.</summary>
internal static class Calls
{
    public static SyscallRequest Exit => new() { Nr = SyscallNr.ExitGroup };

    public static SyscallRequest WaitAny => new() { Nr = SyscallNr.Wait4, A0 = ulong.MaxValue };

    /// <summary>mmap of private anonymous memory, at the address if it is not 0.</summary>
    public static SyscallRequest Mmap(ulong bytes, MapFlags more = MapFlags.None, ulong address = 0) => new()
    {
        Nr = SyscallNr.Mmap,
        A0 = address,
        A1 = bytes,
        A2 = (ulong)(ProtFlags.Read | ProtFlags.Write),
        A3 = (ulong)(MapFlags.Private | MapFlags.Anonymous | more),
        A4 = ulong.MaxValue,
    };

    public static SyscallRequest Fork(IProgram child) => new() { Nr = SyscallNr.Fork, Child = child };

    public static SyscallRequest Sleep(ulong ns) => new() { Nr = SyscallNr.Nanosleep, A0 = ns };
}
