using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Block;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Stats;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Mutants;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Swap;

/// <summary>
/// The kernel's side of swap: gathers what its owner, the SwapActor, has to be told or asked, and does what follows
/// from
/// the answers.
/// </summary>
/// <remarks>
/// Steps travel in order, at the latest when the service under way is over and before anything else is served, so the
/// kernel and the owner never disagree about a slot. Those of which nothing follows (<see cref="IsMerelyTold"/>) wait
/// for the next that has to go. Linux: mm/swapfile.c, mm/swap_state.c, v6.18.
/// </remarks>
public sealed class SwapOperations : IPageIoOwner
{
    private const int ToldMax = 1024;
    private readonly KernelMemory memory;
    private readonly Dictionary<uint, SwapEntry> cached = [];

    // Pages that could not be given up for the I/O that was under way. Not gone through, so in no order.
    private readonly HashSet<uint> lookedForAgain = [];
    private int taken;
    private int merelyTold;

    /// <summary>For the swap areas of a machine.</summary>
    public SwapOperations(KernelMemory memory)
    {
        this.memory = memory;
        Areas = new SwapAreas(memory.Settings.Swap);
        Store = new SwapStore(memory.Ram);
        Spaces = new AddressSpace[Areas.Length + 2];
        for (int i = 0; i < Spaces.Length; i++)
            Spaces[i] = new AddressSpace(-1 - i, "swapper", isShmem: false);
        FreeSlots = TotalSlots;
    }

    /// <summary>The areas.</summary>
    public SwapAreas Areas { get; }

    /// <summary>
    /// What look-ups in the swap cache name: one for each area (swapper_spaces), <see cref="WindowPages"/> and
    /// <see cref="SlotRequests"/>.
    /// </summary>
    public AddressSpace[] Spaces { get; }

    /// <summary>
    /// What a call looks up that has asked for slots (<see cref="Allocate"/>): the answers are <see cref="Granted"/>.
    /// </summary>
    public AddressSpace SlotRequests => Spaces[^1];

    /// <summary>What a fault looks up that may read pages along: the answers are those of <see cref="Window"/>.
    /// </summary>
    public AddressSpace WindowPages => Spaces[^2];

    /// <summary>The slots that the last fault may have read, that of its own page among them; each is there once.
    /// </summary>
    public List<SwapEntry> Window { get; } = [];

    /// <summary>Adds to the questions what the swap cache has of the slots that a look-up names.</summary>
    public void AskFor(in PageLookup lookup)
    {
        bool isWindow = lookup.Mapping == WindowPages;
        int area = AreaOf(lookup.Mapping);
        for (int i = 0; i < lookup.Count; i++)
        {
            SwapEntry entry = isWindow ? Window[i] : new SwapEntry(area, lookup.First + (uint)i);
            Exchange.Steps.Add(new SwapStep(SwapQuestion.Find, entry));
        }
    }

    /// <summary>The slots that the last such call has got, in the order in which it asked.</summary>
    public List<SwapAnswer> Granted { get; } = [];

    /// <summary>What the slots hold.</summary>
    public SwapStore Store { get; }

    /// <summary>What is to be told and asked next.</summary>
    public SwapExchange Exchange { get; } = new();

    /// <summary>Whether any of it has to go now: its answer may free a slot or a frame.</summary>
    public bool HasSteps
    {
        get
        {
            List<SwapStep> steps = Exchange.Steps;
            while (merelyTold < steps.Count && IsMerelyTold(steps[merelyTold].Kind))
                merelyTold++;
            return merelyTold < steps.Count || merelyTold >= ToldMax;
        }
    }

    /// <summary>
    /// Slots of all areas (SwapTotal); of an area that is being taken out of use, those that still hold a page.
    /// </summary>
    /// <remarks>Linux: mm/swapfile.c: si_swapinfo, v6.18.</remarks>
    public long TotalSlots => Areas.ActiveSlots + (Areas.AnyLeaves ? LeavingSlots() : 0);

    /// <summary>Slots that hold no page, as last told (SwapFree).</summary>
    public long FreeSlots { get; private set; }

    /// <summary>Slots of an area that hold a page, as last told.</summary>
    public long UsedSlotsOf(int area) => area < Exchange.UsedSlots.Count ? Exchange.UsedSlots[area] : 0;

    /// <summary>Whether more than half of swap is in use: slots are given up as soon as can be
    /// (vm_swap_full).</summary>
    public bool IsFull => FreeSlots * 2 < TotalSlots;

    /// <summary>Frames in the swap cache (SwapCached).</summary>
    public int CachedPages => cached.Count;

    /// <summary>The area of a look-up in the swap cache; -1 if it is one in a file.</summary>
    public static int AreaOf(AddressSpace mapping) => mapping.Id < 0 ? -1 - mapping.Id : -1;

    /// <summary>The slot that a frame in the swap cache belongs to.</summary>
    public SwapEntry EntryOf(Pfn page) => cached[page.Value];

    /// <summary>Asks for a slot for a page that leaves; see <see cref="Allocated"/>.</summary>
    public void Allocate(Pfn page, int cpu) =>
        Exchange.Steps.Add(new SwapStep(SwapQuestion.Allocate, SwapEntry.None, page, cpu));

    /// <summary>A page got a slot: it is in the swap cache, which holds a reference to it.</summary>
    public void Allocated(Pfn page, SwapEntry entry)
    {
        cached.Add(page.Value, entry);
        memory.Groups?.OwnSwap(entry, page);
        ref PageFrame frame = ref memory.Map[page];
        frame.Flags |= PageFlags.SwapCached | PageFlags.Dirty;
        frame.RefCount++;
        CountCached(1);
    }

    /// <summary>One more page-table entry names a slot.</summary>
    public void Duplicate(SwapEntry entry) => Exchange.Steps.Add(new SwapStep(SwapQuestion.Duplicate, entry));

    /// <summary>A page-table entry names a slot no more.</summary>
    public void Put(SwapEntry entry)
    {
        memory.Locks.ChangesSwap();
        Exchange.Steps.Add(new SwapStep(SwapQuestion.Put, entry));
    }

    /// <summary>
    /// The same where the page has just been mapped, and stays in the swap cache: the slot stays in use.
    /// </summary>
    public void PutMapped(SwapEntry entry)
    {
        memory.Locks.ChangesSwap();
        Exchange.Steps.Add(new SwapStep(SwapQuestion.PutMapped, entry));
    }

    /// <summary>
    /// Puts a fresh frame, whose one reference it takes over, into the swap cache: its page is read back.
    /// </summary>
    public void Cache(SwapEntry entry, Pfn page)
    {
        Exchange.Steps.Add(new SwapStep(SwapQuestion.Cache, entry, page));
        cached.Add(page.Value, entry);
        memory.Map[page].Flags |= PageFlags.SwapCached | PageFlags.SwapBacked;
        CountCached(1);
    }

    /// <summary>Takes a frame out of the swap cache; its slot stays where entries name it.</summary>
    public void Uncache(Pfn page)
    {
        memory.Locks.ChangesSwap();
        Exchange.Steps.Add(new SwapStep(SwapQuestion.Uncache, cached[page.Value]));
        Drop(page);
    }

    /// <summary>Gives a frame's slot up if no page-table entry names it (folio_free_swap).</summary>
    public void TryFree(Pfn page) => Exchange.Steps.Add(new SwapStep(SwapQuestion.TryFree, cached[page.Value], page));

    /// <summary>
    /// The same of a frame that no page table maps any more; one with I/O under way is looked at again when that is
    /// over. Linux: mm/swap_state.c: free_swap_cache, v6.18.
    /// </summary>
    public void TryFreeIdle(Pfn page)
    {
        const PageFlags busy = PageFlags.Locked | PageFlags.Writeback | PageFlags.Reclaim;
        if ((memory.Map[page].Flags & busy) == 0)
            TryFree(page);
        else
            lookedForAgain.Add(page.Value);
    }

    /// <inheritdoc/>
    public void Finished(PageIo io, long atNs)
    {
        if (io.Status == IoStatus.Error && memory.Mutant != Mutant.M44)
            Errors?.Tell(io, atNs);
        foreach (Pfn page in io.Span)
        {
            if (io is { Op: BlockOp.Write, Status: IoStatus.Error })
                KeepUnwritten(page);
            if (lookedForAgain.Count > 0 && lookedForAgain.Remove(page.Value))
                TryFreeUnmapped(page);
        }
    }

    /// <summary>Takes an area into use. Precondition: it is prepared and not in use.</summary>
    public SwapAreaSettings SwapOn(SwapAreaSettings area, int? priority)
    {
        int number = Areas.Add(area, priority);
        Exchange.Steps.Add(new SwapStep(SwapQuestion.SwapOn, new SwapEntry(number, 0), Area: Areas[number]));
        return Areas[number];
    }

    /// <summary>An area gets no more pages: it is about to be taken out of use.</summary>
    public void Retire(int area)
    {
        Areas.Retire(area);
        Exchange.Steps.Add(new SwapStep(SwapQuestion.Retire, new SwapEntry(area, 0)));
    }

    /// <summary>An area that was to be taken out of use stays.</summary>
    public void Reinstate(int area)
    {
        Areas.Reinstate(area);
        Exchange.Steps.Add(new SwapStep(SwapQuestion.Reinstate, new SwapEntry(area, 0), Area: Areas[area]));
    }

    /// <summary>Takes an area out of use. Precondition: it is retired, and none of its slots is in use.</summary>
    public void SwapOff(int area)
    {
        Areas.Remove(area);
        Exchange.Steps.Add(new SwapStep(SwapQuestion.SwapOff, new SwapEntry(area, 0)));
    }

    /// <summary>The frames of the swap cache that belong to an area, by slot.</summary>
    public Pfn[] CachedOf(int area) => [.. cached.Where(one => one.Value.Area == area)
        .OrderBy(one => one.Value.Slot).Select(one => new Pfn(one.Key))];

    /// <summary>Whether a frame is in the swap cache, as the page of an area.</summary>
    public bool IsCachedOf(int area, Pfn page) =>
        cached.TryGetValue(page.Value, out SwapEntry entry) && entry.Area == area;

    /// <summary>Whether a frame is what the swap cache has of a slot.</summary>
    public bool IsCachedAs(SwapEntry entry, Pfn page) => !page.IsNone
        && (memory.Map[page].Flags & PageFlags.SwapCached) != 0 && cached[page.Value] == entry;

    /// <summary>The frame that the swap cache has of a slot; none if it has none. Cost: O(its pages).</summary>
    public Pfn FindCached(SwapEntry entry)
    {
        // In any order: a slot has one page.
        foreach ((uint page, SwapEntry of) in cached)
        {
            if (of == entry)
                return new Pfn(page);
        }

        return Pfn.None;
    }

    /// <summary>Takes a message for the kernel's log.</summary>
    public Action<long, string>? Print { get; set; }

    /// <summary>Hears of I/Os that failed.</summary>
    public SwapIoErrors? Errors { get; set; }

    // What could not be written is as good as never sent on its way. Linux: mm/page_io.c: __end_swap_bio_write, v6.18.
    private void KeepUnwritten(Pfn page)
    {
        ref PageFrame frame = ref memory.Map[page];
        // What the disk has in its place is anybody's guess. Who asks for shared memory reads what this frame holds,
        // which Linux would find first.
        if (frame.Place != FramePlace.SwapCache && cached.TryGetValue(page.Value, out SwapEntry entry))
            Store.Spoil(entry);
        if (memory.Mutant == Mutant.M44)
            return;
        frame.Flags |= PageFlags.Dirty;
        if ((frame.Flags & PageFlags.Reclaim) != 0)
        {
            memory.Failures.Unwritten(page, memory.Groups);
            memory.KeepReclaimed(page);
        }
    }

    /// <summary>
    /// Takes in the answers; what follows from them may be new steps. Answers to Allocate and Find are left to who
    /// asked: <paramref name="own"/> gets them in order.
    /// </summary>
    public void Take(List<SwapAnswer> own)
    {
        own.Clear();
        FreeSlots = Exchange.FreeSlots;
        taken = Exchange.Steps.Count;
        KernelBug.Assert(Exchange.Answers.Count == taken, "I49 violated: swap left questions without an answer");
        for (int i = 0; i < taken; i++)
        {
            SwapAnswer answer = Exchange.Answers[i];
            switch (Exchange.Steps[i].Kind)
            {
                case SwapQuestion.Allocate or SwapQuestion.Find:
                    own.Add(answer);
                    break;
                case SwapQuestion.Put:
                    if (answer.Freed)
                        Forget(answer.Entry);
                    else if (!answer.Page.IsNone)
                        TryFreeUnmapped(answer.Page);
                    break;
                case SwapQuestion.Uncache when answer.Freed:
                    Forget(answer.Entry);
                    break;
                case SwapQuestion.TryFree when answer.Freed:
                    Forget(answer.Entry);
                    Drop(Exchange.Steps[i].Page);
                    break;
            }
        }

        Exchange.Steps.RemoveRange(0, taken);
        merelyTold = 0;
    }

    private long LeavingSlots()
    {
        long slots = 0;
        for (int area = 0; area < Areas.Length; area++)
            slots += Areas.IsLeaving(area) ? UsedSlotsOf(area) : 0;
        return slots;
    }

    private static bool IsMerelyTold(SwapQuestion kind) =>
        kind is SwapQuestion.Cache or SwapQuestion.Duplicate or SwapQuestion.PutMapped;

    // The last process that had the page is gone: nobody will ask for it. Linux: mm/swapfile.c:
    // __try_to_reclaim_swap, v6.18. A step of the same batch may have given it up already.
    private void TryFreeUnmapped(Pfn page)
    {
        PageFrame frame = memory.Map[page];
        if (frame.MapCount == 0 && (frame.Flags & PageFlags.SwapCached) != 0)
            TryFreeIdle(page);
    }

    private void Forget(SwapEntry entry)
    {
        Store.Forget(entry);
        if (memory.Mutant != Mutant.M136)
            memory.Groups?.UnchargeSwap(entry);
    }

    // Linux: mm/swap_state.c: __swap_cache_add_folio, v6.18: the swap cache counts among the pages of files.
    private void CountCached(int pages)
    {
        memory.Stat.Add(VmEvent.NrSwapCached, pages);
        if (pages > 0 || memory.Mutant != Mutant.M116)
            memory.Stat.Add(VmEvent.NrFilePages, pages);
    }

    private void Drop(Pfn page)
    {
        cached.Remove(page.Value);
        lookedForAgain.Remove(page.Value);
        ref PageFrame frame = ref memory.Map[page];
        frame.Flags &= ~PageFlags.SwapCached;
        CountCached(-1);
        // It is nowhere else now, whatever its entries say (folio_free_swap).
        if (frame.MapCount > 0)
            frame.Flags |= PageFlags.Dirty;
        else
            frame.Place = FramePlace.Isolated;
        memory.PutPage(page, 0);
    }
}
