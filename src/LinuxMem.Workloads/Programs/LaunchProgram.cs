using LinuxMem.Abi;

namespace LinuxMem.Workloads.Programs;

/// <summary>
/// What init runs to start an ELF program: nothing but execve. If that fails the process exits with 127, as a shell's
/// child does.
/// </summary>
/// <param name="target">What the new image does.</param>
/// <param name="operands">Path, arguments, environment, and where files are found.</param>
public sealed class LaunchProgram(IProgram target, SyscallOperands operands) : IProgram
{
    private const int NotFound = 127;
    private bool tried;

    /// <inheritdoc/>
    public string Comm => target.Comm;

    /// <inheritdoc/>
    public ImageSpec Image => ImageSpec.Empty;

    /// <inheritdoc/>
    public void Start(in ProgramStart start)
    {
    }

    /// <inheritdoc/>
    public void Next(AccessBatch batch, in SyscallResult last)
    {
        if (tried)
        {
            batch.SetCall(new SyscallRequest { Nr = SyscallNr.ExitGroup, A0 = NotFound });
            return;
        }

        tried = true;
        batch.SetCall(new SyscallRequest { Nr = SyscallNr.Execve, Child = target, Operands = operands });
    }
}
