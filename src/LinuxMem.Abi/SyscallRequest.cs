namespace LinuxMem.Abi;

/// <summary>
/// A system call as a program makes it: a number and six registers, and for a new task the program it will run.
/// </summary>
public struct SyscallRequest
{
    /// <summary>The number.</summary>
    public SyscallNr Nr;
    /// <summary>First argument.</summary>
    public ulong A0;
    /// <summary>Second argument.</summary>
    public ulong A1;
    /// <summary>Third argument.</summary>
    public ulong A2;
    /// <summary>Fourth argument.</summary>
    public ulong A3;
    /// <summary>Fifth argument.</summary>
    public ulong A4;
    /// <summary>Sixth argument.</summary>
    public ulong A5;
    /// <summary>
    /// For fork, vfork and clone: what the child runs; for execve: the new image's program; null otherwise.
    /// </summary>
    public IProgram? Child;
    /// <summary>
    /// For fork, vfork and clone: the pid that the child is to have, as with clone3's set_tid; 0 lets the kernel
    /// choose.
    /// </summary>
    public int ChildPid;
    /// <summary>
    /// For mmap without MAP_ANONYMOUS: the path of the file, which stands for the descriptor; null is a bad descriptor.
    /// </summary>
    public string? File;
    /// <summary>What the pointers among the arguments point at; null where nothing needs to be known of it.</summary>
    public SyscallOperands? Operands;
}
