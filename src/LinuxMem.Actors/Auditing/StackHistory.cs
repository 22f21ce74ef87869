using LinuxMem.Audit.Snapshots;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Actors.Auditing;

/// <summary>Where stacks began at the snapshot before, and what lay below them.</summary>
internal sealed class StackHistory
{
    private Dictionary<Vma, (ulong Start, Vma? Below, ulong BelowEnd)> before = [];
    private Dictionary<Vma, (ulong Start, Vma? Below, ulong BelowEnd)> now = [];

    /// <summary>Begins a snapshot.</summary>
    public void Begin()
    {
        (before, now) = (now, before);
        now.Clear();
    }

    /// <summary>Completes the record of a VMA, if it is a stack's.</summary>
    public void Add(Vma vma, Vma? below, ref VmaRecord record)
    {
        if ((vma.Flags & VmFlags.GrowsDown) == 0)
            return;
        now[vma] = (vma.Start, below, below?.End ?? 0);
        if (!before.TryGetValue(vma, out (ulong Start, Vma? Below, ulong BelowEnd) was))
            return;
        record.StartBefore = was.Start;
        record.BelowStayed = below is not null && was.Below == below && was.BelowEnd == below.End;
    }
}
