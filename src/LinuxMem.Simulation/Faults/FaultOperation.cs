using System.Globalization;
using System.Text;
using LinuxMem.Abi;

namespace LinuxMem.Simulation.Faults;

/// <summary>What the kernel was doing when it passed a fault point.</summary>
public readonly record struct FaultOperation
{
    private const int SyscallsMax = 512;
    private const int FirstSyscall = 16;

    /// <summary>How many there are, for tables.</summary>
    public const int Count = FirstSyscall + SyscallsMax;

    private static readonly string[] Others =
        ["boot", "page_fault", "kernel_step", "writeback", "device", "start", "tracer", "message", "schedule",
        "driver"];

    private static readonly string?[] Names = new string?[Count];

    private FaultOperation(int index) => Index = index;

    /// <summary>Its place in tables, below <see cref="Count"/>.</summary>
    public int Index { get; }

    /// <summary>A fault of a program.</summary>
    public static FaultOperation PageFault { get; } = new(1);

    /// <summary>kswapd, reclaim for those who wait, the OOM reaper.</summary>
    public static FaultOperation KernelStep { get; } = new(2);

    /// <summary>The flusher.</summary>
    public static FaultOperation Writeback { get; } = new(3);

    /// <summary>The end of an I/O.</summary>
    public static FaultOperation Device { get; } = new(4);

    /// <summary>Starting a process out of nothing.</summary>
    public static FaultOperation Start { get; } = new(5);

    /// <summary>A message between parts of the machine.</summary>
    public static FaultOperation Message { get; } = new(7);

    /// <summary>What a replay asks about a task: no doing of the machine's.</summary>
    public static FaultOperation Tracer { get; } = new(6);

    /// <summary>Putting a task on a CPU.</summary>
    public static FaultOperation Schedule { get; } = new(8);

    /// <summary>What a program has a driver do.</summary>
    public static FaultOperation Driver { get; } = new(9);

    /// <summary>Whether nothing fails in it: it is no doing of the machine's own.</summary>
    public bool IsSpared => Index == Start.Index || Index == Tracer.Index;

    /// <summary>A system call.</summary>
    public static FaultOperation Of(SyscallNr nr) =>
        (uint)nr < SyscallsMax ? new(FirstSyscall + (int)nr) : Tracer;

    /// <summary>The operation at a place in tables.</summary>
    public static FaultOperation At(int index) => new(index);

    /// <summary>Its name: that of the call in the manual, or page_fault, kernel_step ...</summary>
    public string Name => Names[Index] ??= MakeName(Index);

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static string MakeName(int index)
    {
        if (index < FirstSyscall)
            return index < Others.Length ? Others[index] : "other";
        string text = ((SyscallNr)(index - FirstSyscall)).ToString();
        if (char.IsAsciiDigit(text[0]))
            return "syscall_" + text;
        var name = new StringBuilder();
        foreach (char c in text)
        {
            if (char.IsAsciiLetterUpper(c) && name.Length > 0)
                name.Append('_');
            name.Append(char.ToLower(c, CultureInfo.InvariantCulture));
        }

        return name.ToString();
    }
}

/// <summary>In which state the machine was when it passed a fault point.</summary>
public enum FaultPhase
{
    /// <summary>Memory is free, and nothing has failed in this operation yet.</summary>
    Calm,

    /// <summary>Memory is short, and nothing has failed in this operation yet.</summary>
    Short,

    /// <summary>Something has failed in this operation already: the way back from a failure.</summary>
    Recovery,
}
