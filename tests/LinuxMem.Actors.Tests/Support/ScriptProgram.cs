using LinuxMem.Abi;

namespace LinuxMem.Actors.Tests.Support;

/// <summary>A program that is one function of what its last call returned and how often it was asked.</summary>
internal sealed class ScriptProgram(ScriptProgram.Turn turn) : IProgram
{
    private ProgramStart start;
    private int turns;

    public delegate void Turn(int number, in ProgramStart start, AccessBatch batch, in SyscallResult last);

    public string Comm => "script";

    public ImageSpec Image => ImageSpec.Default;

    public void Start(in ProgramStart begin) => start = begin;

    public void Next(AccessBatch batch, in SyscallResult last) => turn(turns++, start, batch, last);

    /// <summary>Ends the process.</summary>
    public static void Exit(AccessBatch batch) => batch.SetCall(new SyscallRequest { Nr = SyscallNr.ExitGroup });
}
