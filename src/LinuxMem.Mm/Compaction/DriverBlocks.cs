using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Reclaim;
using LinuxMem.Mm.Syscalls;

namespace LinuxMem.Mm.Compaction;

/// <summary>
/// Blocks of frames that the kernel took for a program, as a driver does (<see cref="DriverCalls"/>).
/// </summary>
/// <remarks>
/// Linux: mm/page_alloc.c: __alloc_pages_slowpath, should_compact_retry, __alloc_pages_may_oom, v6.18: who cannot wait
/// fails at once; who can compacts, waits for reclaim where free memory is short, and looks again. Orders above 3 are
/// given up after that. Smaller ones never are: a round of them begins with reclaim, however much is free (shrink_zones
/// asks compaction_ready for greater ones only). When sixteen rounds were of no use, the OOM killer comes, and all
/// begins anew, until there is a block or the caller was killed; with __GFP_NOFAIL the reserves serve then. Nothing of
/// it can be moved or reclaimed. With its process what is left is freed.
/// </remarks>
public sealed class DriverBlocks
{
    private const int CostlyOrder = 3;
    private const int MaxRetries = 16;
    private readonly KernelMemory memory;
    private readonly Compactor compactor;
    private readonly AllocFailure failure;
    private readonly SortedDictionary<int, SortedDictionary<string, List<Block>>> held = [];

    /// <summary>Of one machine.</summary>
    public DriverBlocks(KernelMemory memory, Compactor compactor, AllocFailure failure)
    {
        this.memory = memory;
        this.compactor = compactor;
        this.failure = failure;
    }

    /// <summary>Carries a call out.</summary>
    public IEnumerator<PageLookup> Run(CallProgress call) =>
        call.Request.Nr == DriverCalls.Allocate ? Allocate(call) : Free(call);

    /// <summary>A process is gone.</summary>
    public void Release(int pid)
    {
        if (!held.Remove(pid, out SortedDictionary<string, List<Block>>? names))
            return;
        foreach (List<Block> blocks in names.Values)
        {
            foreach (Block block in blocks)
                Give(block, 0);
        }
    }

    private IEnumerator<PageLookup> Allocate(CallProgress call)
    {
        int order = (int)Math.Min(call.Request.A0, int.MaxValue);
        ulong count = call.Request.A1;
        GfpFlags gfp = FlagsOf((DriverGfp)call.Request.A2);
        bool neverFails = (gfp & GfpFlags.NoFail) != 0;
        if (order > memory.Allocator.Zones[0].MaxOrder || (neverFails && order > CostlyOrder))
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        int pid = call.Task.Group.Pid;
        string name = call.Request.File ?? "";
        BlocksOf(pid, name); // a name that has no blocks yet can be freed too
        for (ulong i = 0; i < count; i++)
        {
            long failures = memory.InjectedFailures;
            Pfn block = Take(call, order, gfp);
            // What fails on purpose fails before anything is tried (__should_fail_alloc_page).
            for (int tries = 0; block.IsNone && memory.InjectedFailures == failures && MayRetry(gfp, order, tries);
                tries++)
            {
                bool isShort = memory.Allocator.PagesAboveMin < MemoryWaiters.PagesFor(order);
                bool isHopeless = !isShort && tries == MaxRetries;
                if (isHopeless)
                    call.WantsOomKill = true;
                else if (isShort)
                    call.IsOutOfMemory = true;
                else
                    call.WaitsForOrder = order;
                // Pages that leave make room, however much is free in pieces.
                if (call.WaitsForOrder is not null && tries > 0)
                {
                    call.ReclaimsForOrder = true;
                    yield return PageLookup.Wait;
                    call.WaitsForOrder = order;
                }

                tries = isShort || isHopeless ? 0 : tries;
                yield return PageLookup.Wait;
                failures = memory.InjectedFailures;
                block = Take(call, order, neverFails && isHopeless ? gfp | GfpFlags.MemAlloc : gfp);
                if (!isShort && !isHopeless)
                    compactor.LookedAgain(order, found: !block.IsNone);
            }

            if (block.IsNone)
            {
                failure.Report(call.At.NowNs, call.Task, order, gfp);
                call.Fail(Errno.ENOMEM);
                yield break;
            }

            // Looked up anew: another thread may have freed what had the name while this one waited.
            BlocksOf(pid, name).Add(new Block(block, order));
        }

        call.Return((long)count);
    }

    private IEnumerator<PageLookup> Free(CallProgress call)
    {
        int pid = call.Task.Group.Pid;
        string name = call.Request.File ?? "";
        if (!held.TryGetValue(pid, out var names) || !names.Remove(name, out List<Block>? blocks))
        {
            call.Fail(Errno.ENOENT);
            yield break;
        }

        int every = (int)Math.Clamp(call.Request.A0, 1, int.MaxValue);
        var kept = new List<Block>();
        for (int i = 0; i < blocks.Count; i++)
        {
            if (i % every == 0)
                Give(blocks[i], call.At.Cpu);
            else
                kept.Add(blocks[i]);
        }

        if (kept.Count > 0)
            names.Add(name, kept);
        call.Return(blocks.Count - kept.Count);
    }

    // Large blocks are worth one round, small ones all that can be done.
    private static bool MayRetry(GfpFlags gfp, int order, int tries) =>
        (gfp & GfpFlags.DirectReclaim) != 0 && (order <= CostlyOrder || tries == 0);

    private static GfpFlags FlagsOf(DriverGfp gfp) => gfp switch
    {
        DriverGfp.Atomic => GfpFlags.Atomic,
        DriverGfp.NoFail => GfpFlags.Kernel | GfpFlags.NoFail,
        _ => GfpFlags.Kernel,
    };

    private Pfn Take(CallProgress call, int order, GfpFlags gfp)
    {
        Pfn block = memory.Allocator.AllocPages(call.At.Cpu, gfp, new Order(order), FramePlace.Kernel,
            out AllocCost cost);
        call.Cost.AddAlloc(cost);
        if (block.IsNone && order > 0)
            compactor.WakeDaemon(order);
        return block;
    }

    private List<Block> BlocksOf(int pid, string name)
    {
        if (!held.TryGetValue(pid, out SortedDictionary<string, List<Block>>? names))
            held.Add(pid, names = new SortedDictionary<string, List<Block>>(StringComparer.Ordinal));
        if (!names.TryGetValue(name, out List<Block>? blocks))
            names.Add(name, blocks = []);
        return blocks;
    }

    private void Give(Block block, int cpu)
    {
        ref PageFrame frame = ref memory.Map[block.First];
        frame.RefCount--;
        memory.Allocator.FreePages(cpu, block.First, new Order(block.Order), out _);
    }

    private readonly record struct Block(Pfn First, int Order);
}
