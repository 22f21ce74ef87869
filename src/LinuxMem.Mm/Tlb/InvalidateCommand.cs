namespace LinuxMem.Mm.Tlb;

/// <summary>An order to a CPU to forget translations.</summary>
/// <param name="Asid">Under which tag.</param>
/// <param name="MmId">Of which address space.</param>
/// <param name="Gen">The change of that address space which the CPU thereby keeps up with.</param>
/// <param name="FirstVpn">First page.</param>
/// <param name="PageCount">How many pages; <see cref="WholeAsid"/> for all.</param>
/// <param name="AtNs">When it reaches the CPU; a moment before the CPU's resumption takes effect at the
/// resumption.</param>
/// <param name="FromOther">Whether another CPU asked for it (a shootdown).</param>
public readonly record struct InvalidateCommand(
    ushort Asid, int MmId, long Gen, ulong FirstVpn, ulong PageCount, long AtNs, bool FromOther)
{
    /// <summary>The page count that stands for all pages.</summary>
    public const ulong WholeAsid = ulong.MaxValue;

    /// <summary>Whether the same order has been given before: who has kept up with it has nothing to forget.</summary>
    public bool IsCopy { get; init; }
}
