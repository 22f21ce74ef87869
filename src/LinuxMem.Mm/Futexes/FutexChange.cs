namespace LinuxMem.Mm.Futexes;

/// <summary>What FUTEX_WAKE_OP does to a word, and what it compares the word with: four numbers in one.</summary>
/// <remarks>
/// Linux: include/uapi/linux/futex.h: FUTEX_OP; kernel/futex/waitwake.c: futex_atomic_op_inuser, v6.18.
/// </remarks>
/// <param name="code">As the caller gave it.</param>
public readonly struct FutexChange(uint code)
{
    private const uint ShiftsArgument = 8; // FUTEX_OP_OPARG_SHIFT

    private uint Operation => (code >> 28) & 7;

    private uint Comparison => (code >> 24) & 15;

    private int Argument => ((code >> 28) & ShiftsArgument) == 0
        ? SignedOf(code >> 12) : 1 << (SignedOf(code >> 12) & 31);

    /// <summary>Whether it names an operation and a comparison that there are.</summary>
    public bool IsKnown => Operation <= 4 && Comparison <= 5;

    /// <summary>The word afterwards.</summary>
    public uint Apply(uint old) => Operation switch
    {
        0 => (uint)Argument,
        1 => old + (uint)Argument,
        2 => old | (uint)Argument,
        3 => old & ~(uint)Argument,
        _ => old ^ (uint)Argument,
    };

    /// <summary>Whether the word was as it is compared.</summary>
    public bool Compare(uint old)
    {
        int was = (int)old, than = SignedOf(code);
        return Comparison switch
        {
            0 => was == than,
            1 => was != than,
            2 => was < than,
            3 => was <= than,
            4 => was > than,
            _ => was >= than,
        };
    }

    // Twelve bits with a sign.
    private static int SignedOf(uint bits) => (int)(bits << 20) >> 20;
}
