using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm;

/// <content>Frames that are taken out of use: bad ones, and those of memory that leaves.</content>
public sealed partial class KernelMemory
{
    /// <summary>Frames that had a memory error and are out of use (HardwareCorrupted, in pages).</summary>
    public long PoisonedPages { get; private set; }

    /// <summary>Of those, the ones that were free.</summary>
    public long PoisonedFreePages => poisonedFree.Count;

    /// <summary>The same of a frame that was free, and has been taken off its list.</summary>
    public void RetireFree(Pfn pfn)
    {
        Retire(pfn);
        poisonedFree.Add(pfn.Value);
    }

    /// <summary>A frame that was said to have a memory error has none: it is free.</summary>
    public void PutBack(Pfn pfn)
    {
        PoisonedPages--;
        ref PageFrame frame = ref Map[pfn];
        frame.Place = FramePlace.Isolated;
        frame.Flags = PageFlags.None;
        Allocator.GiveBack(pfn, wasInUse: !poisonedFree.Remove(pfn.Value));
    }

    /// <summary>Frames that are leaving the machine: who frees one of them gives it up; null usually.</summary>
    public Hotplug.FrameRange? Leaving { get; set; }

    /// <summary>Hears of a frame of <see cref="Leaving"/> that has become free, and was taken off its list.</summary>
    public Action<Pfn>? Left { get; set; }

    /// <summary>Frames that have left the machine, or are about to.</summary>
    public long OfflinePages { get; set; }

    /// <summary>A frame that had a memory error, and that nobody refers to, is never used again.</summary>
    public void Retire(Pfn pfn)
    {
        ref PageFrame frame = ref Map[pfn];
        frame.Place = FramePlace.Poisoned;
        frame.Flags = PageFlags.HwPoison;
        frame.RefCount = 0;
        frame.Owner = 0;
        frame.Index = 0;
        Io?.ReadErrors.Forget(pfn);
        PoisonedPages++;
    }

    private void LeaveLists(Pfn pfn)
    {
        if (Mutant != Mutant.M132 || (Map[pfn].Flags & PageFlags.Active) == 0)
            Lru!.Remove(pfn);
        if ((Map[pfn].Flags & PageFlags.Reclaim) != 0)
            EndReclaim(pfn);
    }
}
