using System.Text;
using LinuxMem.Abi;
using LinuxMem.Simulation.Locks;

namespace LinuxMem.Actors.Kernel;

/// <summary>What a task entered the kernel for, in words.</summary>
internal static class CallNames
{
    /// <summary>Names a <see cref="LockCall"/>: a system call as Linux does, or what else it was.</summary>
    public static string Of(short call) => call switch
    {
        LockCall.Fault => "page fault",
        LockCall.Switch => "switch",
        LockCall.Reclaim => "reclaim",
        LockCall.Writeback => "writeback",
        LockCall.Compaction => "compaction",
        LockCall.Ksm => "ksm",
        LockCall.Free => "free",
        _ => OfSyscall((SyscallNr)call),
    };

    private static string OfSyscall(SyscallNr nr)
    {
        var name = new StringBuilder();
        foreach (char letter in nr.ToString())
        {
            if (char.IsAsciiLetterUpper(letter) && name.Length > 0)
                name.Append('_');
            name.Append(char.ToLowerInvariant(letter));
        }

        return name.ToString();
    }
}
