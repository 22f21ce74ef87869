using LinuxMem.Arch.Tlbs.Replacement;

namespace LinuxMem.Arch.Tlbs;

/// <summary>A set-associative cache of translations with a replacement policy.</summary>
/// <typeparam name="TReplacement">Which entry of a full set it gives up.</typeparam>
internal sealed class Tlb<TReplacement> : Tlb
    where TReplacement : struct, ITlbReplacement<TReplacement>
{
    private readonly TReplacement replacement;

    /// <inheritdoc cref="Tlb(TlbArena, TlbShape, int, int, int)"/>
    public Tlb(TlbArena arena, TlbShape shape, int firstSlot, int firstSet, int shift)
        : base(arena, shape, firstSlot, firstSet, shift) => replacement = TReplacement.Over(arena);

    /// <inheritdoc/>
    public override void Touch(int slot, long tick) => replacement.Touch((nuint)slot, tick);

    /// <inheritdoc/>
    protected override void Cleared(int slot) => replacement.Cleared((nuint)slot);

    /// <inheritdoc/>
    public override int Fill(ulong tag, ulong entry, long tick)
    {
        int set = SetOf(tag);
        int first = FirstSlotOf(set);
        int way = TReplacement.FindsEmpty ? -1 : EmptyWayAt(first);
        if (way < 0)
            way = replacement.Victim(first, InArena(set), Ways);
        int slot = first + way;
        Write(slot, tag, entry);
        replacement.Filled((nuint)slot, tick);
        return slot;
    }
}
