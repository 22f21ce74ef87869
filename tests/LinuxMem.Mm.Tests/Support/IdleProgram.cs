using LinuxMem.Abi;

namespace LinuxMem.Mm.Tests.Support;

/// <summary>A program that never runs: the tests make its traps.</summary>
internal sealed class IdleProgram(ImageSpec image) : IProgram
{
    public string Comm => "idle";

    public ImageSpec Image => image;

    public void Start(in ProgramStart start)
    {
    }

    public void Next(AccessBatch batch, in SyscallResult last)
    {
    }
}
