using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Fork;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Accounting;

/// <summary>Says how much memory was promised, and whether more may be.</summary>
/// <remarks>
/// Linux: mm/util.c: __vm_enough_memory, vm_commit_limit, v6.18. The promises are not counted as they are made but
/// added up when somebody asks: those of the address spaces (pages of accounted VMAs) and those of shared memory.
/// </remarks>
public sealed class Overcommit
{
    private const int AdminReserveMax = 8 << 10;
    private const int UserReserveMax = 128 << 10;
    private readonly VmTunables settings;
    private readonly KernelMemory memory;
    private readonly MmLifecycle lifecycle;
    private readonly SharedObjects objects;
    private readonly Swap.SwapAreas swapAreas;
    private readonly int kbytesShift;
    private readonly long adminReservePages;
    private readonly long userReservePages;

    /// <summary>The promises of one machine, as they stand after boot: none.</summary>
    public Overcommit(KernelMemory memory, MmLifecycle lifecycle, SharedObjects objects)
    {
        this.memory = memory;
        settings = memory.Tunables;
        VmSettings start = memory.Settings.Vm;
        this.lifecycle = lifecycle;
        this.objects = objects;
        kbytesShift = memory.Geometry.PageShift - 10;
        swapAreas = memory.Swap.Areas;
        long freeKbytes = memory.Allocator.FreePagesTotal << kbytesShift;
        adminReservePages = (start.AdminReserveKbytes ?? Math.Min(freeKbytes / 32, AdminReserveMax)) >> kbytesShift;
        userReservePages = (start.UserReserveKbytes ?? Math.Min(freeKbytes / 32, UserReserveMax)) >> kbytesShift;
    }

    /// <summary>vm.overcommit_memory.</summary>
    public OvercommitMode Mode => settings.OvercommitMemory;

    /// <summary>Pages of RAM that the page allocator manages (totalram_pages).</summary>
    public long TotalPages => memory.Allocator.ManagedPages;

    /// <summary>Pages promised (Committed_AS). O(address spaces).</summary>
    public long CommittedPages
    {
        get
        {
            long pages = objects.CommittedPages;
            foreach (Mm mm in lifecycle.Live)
                pages += (long)mm.Vmas.AccountedVmPages;
            return pages;
        }
    }

    /// <summary>Pages that swap can hold (total_swap_pages).</summary>
    public long SwapPages => swapAreas.ActiveSlots;

    /// <summary>Pages that mode 2 allows to be promised (CommitLimit).</summary>
    public long LimitPages => SwapPages + (settings.OvercommitKbytes != 0
        ? (long)(settings.OvercommitKbytes >> kbytesShift)
        : TotalPages * settings.OvercommitRatio / 100);

    /// <summary>Whether the pages may be promised as well.</summary>
    /// <param name="mm">The address space that they are for.</param>
    /// <param name="pages">How many.</param>
    /// <param name="isAdmin">Whether the caller may use the administrator's reserve (CAP_SYS_ADMIN).</param>
    public bool Allows(Mm mm, ulong pages, bool isAdmin)
    {
        if (settings.OvercommitMemory == OvercommitMode.Always)
            return true;
        if (settings.OvercommitMemory == OvercommitMode.Guess)
            return pages <= (ulong)(TotalPages + SwapPages);
        long allowed = LimitPages - Math.Min((long)mm.Vmas.TotalVmPages / 32, userReservePages);
        if (!isAdmin)
            allowed -= adminReservePages;
        return pages < long.MaxValue / 2 && CommittedPages + (long)pages < allowed;
    }
}
