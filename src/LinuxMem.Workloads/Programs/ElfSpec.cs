using LinuxMem.Abi;
using LinuxMem.Workloads.Inputs;

namespace LinuxMem.Workloads.Programs;

/// <summary>An ELF program of the host as the image of a process: what execve is given.</summary>
/// <param name="Path">Its path under the root, absolute.</param>
/// <param name="Arguments">argv, the program's name included.</param>
/// <param name="Environment">envp, each "NAME=value".</param>
/// <param name="Root">Where files are found.</param>
public sealed record ElfSpec(
    string Path, IReadOnlyList<string> Arguments, IReadOnlyList<string> Environment, Sysroot Root)
{
    /// <summary>Operands for one call.</summary>
    public SyscallOperands Operands() => new()
    {
        Path = Path,
        Arguments = Arguments,
        Environment = Environment,
        FindExternal = Root.Find,
    };
}
