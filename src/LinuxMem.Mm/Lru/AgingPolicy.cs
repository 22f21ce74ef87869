using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;

namespace LinuxMem.Mm.Lru;

/// <summary>
/// Page ages in mem_map: each time the hand comes by, a page that was used since grows younger by 3, to 20 at most; one
/// that was not grows older by 1, and leaves at 0.
/// </summary>
/// <remarks>
/// Linux: mm/vmscan.c: try_to_swap_out, mm/swap.c: touch_page, age_page, PAGE_INITIAL_AGE and its like, v2.0. This is
/// for reference strings, which have no processes: the hand goes round all frames in the order in which they came.
/// Machines have <see cref="ProcessAgingPolicy"/>.
/// </remarks>
public sealed class AgingPolicy(PolicyContext context) : QueuePolicy("aging", context, laps: AgeMax + 2)
{
    private const byte InitialAge = 3;
    private const byte Advance = 3;
    private const byte Decline = 1;
    private const byte AgeMax = 20;

    /// <inheritdoc/>
    public override void Added(Pfn page, ulong refault)
    {
        Context.Map[page].Age = InitialAge;
        base.Added(page, refault);
    }

    /// <inheritdoc/>
    protected override Verdict Judge(ref PageFrame frame, bool used)
    {
        if (used)
        {
            frame.Age = (byte)Math.Min(frame.Age + Advance, AgeMax);
            return Verdict.Stays;
        }

        frame.Age = (byte)Math.Max(frame.Age - Decline, 0);
        return frame.Age == 0 ? Verdict.Goes : Verdict.Stays;
    }
}
