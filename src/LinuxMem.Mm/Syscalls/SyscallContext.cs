using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Syscalls;

/// <summary>A system call on its way through the kernel.</summary>
/// <param name="Task">The caller.</param>
/// <param name="Request">Number and arguments.</param>
/// <param name="At">Where and when.</param>
public readonly record struct SyscallContext(TaskStruct Task, SyscallRequest Request, TrapPoint At)
{
    /// <summary>The caller's address space.</summary>
    public Mm Mm => Task.Mm;
}
