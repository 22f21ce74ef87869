using System.Runtime.CompilerServices;

namespace LinuxMem.Workloads.Lackey;

/// <summary>How a logged system call ended.</summary>
public enum LackeyOutcome
{
    /// <summary>The log does not say: a successful execve, an interrupted call, the end of the log.</summary>
    Unknown,

    /// <summary>It succeeded with <see cref="LackeyCall.Result"/>.</summary>
    Success,

    /// <summary>It failed with the errno <see cref="LackeyCall.Result"/>.</summary>
    Failure,

    /// <summary>It returns no value (rt_sigreturn).</summary>
    NoResult,
}

/// <summary>
/// A system call of the log. Reused by the parser: valid until its next <see cref="LackeyParser.Read"/>.
/// </summary>
public sealed class LackeyCall
{
    /// <summary>The most arguments that are kept.</summary>
    public const int ArgsMax = 6;

    private ArgBuffer args;
    private StringBuffer strings;

    /// <summary>Process id.</summary>
    public int Pid { get; internal set; }

    /// <summary>Valgrind's number of the thread, from 1; not a Linux tid.</summary>
    public int Tid { get; internal set; }

    /// <summary>The x86-64 number.</summary>
    public int Nr { get; internal set; }

    /// <summary>The name as logged, without sys_; empty for a call that the kernel or valgrind does not know.</summary>
    public string Name { get; internal set; } = "";

    /// <summary>How many arguments the line has, at most <see cref="ArgsMax"/>.</summary>
    public int ArgCount { get; internal set; }

    /// <summary>How it ended.</summary>
    public LackeyOutcome Outcome { get; internal set; }

    /// <summary>The value of a success, or the errno of a failure.</summary>
    public ulong Result { get; internal set; }

    /// <summary>The pid that valgrind names as the created child; 0 if it names none.</summary>
    public int CreatedPid { get; internal set; }

    /// <summary>Whether it succeeded.</summary>
    public bool Succeeded => Outcome == LackeyOutcome.Success;

    /// <summary>An argument as the register has it; 0 where the line has none.</summary>
    public ulong Arg(int index) => index < ArgCount ? args[index] : 0;

    /// <summary>The string that argument <paramref name="index"/> points to; null where the line shows none.</summary>
    public string? Text(int index) => index < ArgCount ? strings[index] : null;

    internal void Begin(int pid, int tid, int nr)
    {
        Pid = pid;
        Tid = tid;
        Nr = nr;
        Name = "";
        ClearArgs();
        Outcome = LackeyOutcome.Unknown;
        Result = 0;
        CreatedPid = 0;
    }

    internal void ClearArgs()
    {
        ArgCount = 0;
        strings = default;
    }

    internal void AddArg(ulong value, string? text)
    {
        if (ArgCount == ArgsMax)
            return;
        args[ArgCount] = value;
        strings[ArgCount] = text;
        ArgCount++;
    }

    [InlineArray(ArgsMax)]
    private struct ArgBuffer
    {
        private ulong first;
    }

    [InlineArray(ArgsMax)]
    private struct StringBuffer
    {
        private string? first;
    }
}
