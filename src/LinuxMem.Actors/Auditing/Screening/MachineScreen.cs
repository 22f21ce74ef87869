using LinuxMem.Actors.Kernel;
using LinuxMem.Audit;
using LinuxMem.Audit.Snapshots;
using LinuxMem.Mm.MemMaps;

namespace LinuxMem.Actors.Auditing.Screening;

/// <summary>
/// Tells quickly whether a check of the whole machine would find anything: compares the machine's memory, byte by
/// byte, with what it was at the last look, and judges only what differs.
/// </summary>
/// <remarks>
/// It never reports. What it passes as clean, a full check passes too; where it is in doubt it asks for one and starts
/// anew. So a violation is found in the same round and said in the same words, with it or without it. Only what
/// pages of files hold (I36, I39) and which of them their files have marked (part of I29), and the counters of frames
/// (I52), is left to full checks.
/// </remarks>
internal sealed class MachineScreen
{
    /// <summary>Frames of the largest machine that is screened: beyond, the copies cost too much memory.</summary>
    public const long FramesMax = 1 << 20;

    private readonly Mm.Kernel kernel;
    private readonly Auditor auditor;
    private readonly FrameLedger ledger;
    private readonly FreeBlockScreen blocks;
    private readonly SpaceScreen spaces;
    private readonly SwapScreen swap;
    private readonly TlbScreen tlbs;
    private readonly List<uint> parked = [];

    /// <summary>A screen for a machine of at most <see cref="FramesMax"/> frames.</summary>
    public MachineScreen(Mm.Kernel kernel, CpuState[] cpus, Auditor auditor)
    {
        this.kernel = kernel;
        this.auditor = auditor;
        ledger = new FrameLedger(kernel.Memory.Map, kernel.Io,
            id => kernel.Objects.ById(id) is { Host.IsOnDisk: true, IsShmem: false });
        blocks = new FreeBlockScreen(ledger);
        swap = new SwapScreen(ledger);
        spaces = new SpaceScreen(ledger, swap, kernel.Memory);
        tlbs = new TlbScreen(ledger, spaces, kernel.Memory, cpus);
    }

    /// <summary>
    /// Whether a full check would surely find nothing. Precondition: the snapshot has its sections, and nobody is at
    /// the end of the run.
    /// </summary>
    public bool IsClean(MachineSnapshot snapshot)
    {
        // Of locked memory and of pages in pipes it knows nothing: with any, everything is looked at.
        if (AnyLocked(snapshot) || snapshot.Lent.Count > 0)
        {
            Forget();
            return false;
        }

        ledger.Begin();
        LookAtLists(snapshot);
        if (!ledger.IsSuspect)
            spaces.Look(snapshot, kernel.Lifecycle.Live);
        if (!ledger.IsSuspect)
            ledger.End(blocks.Keys);
        if (ledger.DirtyFilePages != snapshot.Counters.FileDirty
            || ledger.PagesInWriteback != snapshot.Counters.Writeback)
            ledger.Suspect();
        if (!ledger.IsSuspect)
            swap.Look(snapshot);
        if (!ledger.IsSuspect)
            tlbs.Look(snapshot);
        if (!ledger.IsSuspect && auditor.SectionsAreFine(snapshot))
            return true;
        Forget();
        return false;
    }

    private static bool AnyLocked(MachineSnapshot snapshot)
    {
        bool any = snapshot.Counters.Locked != 0 || snapshot.Counters.Unevictable != 0;
        foreach (ref MmRecord mm in snapshot.Mms.Items)
            any |= mm.LockedVmPages != 0;
        return any;
    }

    private void LookAtLists(MachineSnapshot snapshot)
    {
        blocks.Look(snapshot);
        ledger.PerCpu.Begin();
        foreach (ref PcpPageRecord page in snapshot.PcpPages.Items)
            ledger.PerCpu.Add(page.Pfn);
        ledger.PerCpu.End();
        ledger.Cached.Begin();
        foreach (ref CachePageRecord page in snapshot.CachePages.Items)
            ledger.Cached.Add(page.Pfn);
        ledger.Cached.End();
        swap.LookAtCache(snapshot);
        LookAtReplacement(snapshot);
        foreach (uint pfn in parked)
            ledger.Change(pfn).Parked--;
        parked.Clear();
        foreach (ref ParkedFrameRecord record in snapshot.Parked.Items)
        {
            if (record.Pfn >= ledger.FrameCount)
            {
                ledger.Suspect();
                continue;
            }

            ledger.Change(record.Pfn).Parked++;
            parked.Add(record.Pfn);
        }
    }

    private void LookAtReplacement(MachineSnapshot snapshot)
    {
        ledger.Listed.Begin();
        foreach (ref LruPageRecord page in snapshot.LruPages.Items)
        {
            bool isAnon = page.List <= LruList.ActiveAnon;
            bool unevictable = page.List == LruList.Unevictable;
            if (!ledger.Listed.Add(page.Pfn))
                return;
            PageFlags flags = ledger[page.Pfn].Flags;
            if ((!unevictable && isAnon != ((flags & PageFlags.SwapBacked) != 0))
                || unevictable != ((flags & PageFlags.Unevictable) != 0))
                ledger.Suspect();
        }

        ledger.Listed.End();
    }

    private void Forget()
    {
        ledger.Forget();
        spaces.Forget();
        swap.Forget();
        tlbs.Forget();
        parked.Clear();
    }
}
