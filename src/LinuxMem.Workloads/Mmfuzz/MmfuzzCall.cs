using LinuxMem.Abi;

namespace LinuxMem.Workloads.Mmfuzz;

/// <summary>One access that the program's own instructions make between two system calls.</summary>
/// <param name="Address">Virtual address.</param>
/// <param name="Kind">What is done there.</param>
public readonly record struct MmfuzzTouch(ulong Address, AccessKind Kind);

/// <summary>The next system call of a task of mmfuzz, as the model foresees it.</summary>
/// <remarks>The model fills one object again and again: it is valid until the next answer.</remarks>
public sealed class MmfuzzCall
{
    private readonly ulong[] arguments = new ulong[6];

    /// <summary>The number.</summary>
    public SyscallNr Nr { get; private set; }

    /// <summary>The six registers; those that <see cref="Knows"/> denies are 0.</summary>
    public ReadOnlySpan<ulong> Arguments => arguments;

    /// <summary>How many arguments the call has.</summary>
    public int Count { get; private set; }

    /// <summary>What the program touches before the call, in order.</summary>
    public List<MmfuzzTouch> Touches { get; } = [];

    private int unknown;

    /// <summary>Whether an argument's value is foreseen; the rest only a log can tell.</summary>
    public bool Knows(int index) => index < Count && (unknown & (1 << index)) == 0;

    internal MmfuzzCall Set(SyscallNr nr, params ReadOnlySpan<ulong> values)
    {
        Nr = nr;
        Count = values.Length;
        unknown = 0;
        arguments.AsSpan().Clear();
        values.CopyTo(arguments);
        return this;
    }

    internal MmfuzzCall WithUnknown(int index)
    {
        unknown |= 1 << index;
        arguments[index] = 0;
        return this;
    }
}
