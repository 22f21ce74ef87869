using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Stats;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Lru;

/// <summary>
/// Carries a reference string through a policy on a memory of so many frames: the textbook's experiment, with the
/// classes that machines use.
/// </summary>
/// <remarks>
/// Pages are anonymous, each reference sets an accessed bit, and a page is thrown out, one at a time, only when there
/// is no free frame. <see cref="IReferenceObserver"/>s are told every reference.
/// </remarks>
public sealed class ReferenceString : IPageReferences, IDisposable
{
    private const int RoundsMax = 1000;
    private readonly MemMap map;
    private readonly Lruvec lru;
    private readonly IReferenceObserver? observer;
    private readonly List<Pfn> victims = [];
    private readonly bool[] accessed;
    private readonly int[] pageIn;
    private readonly uint[] frameOf;
    private readonly ulong[] shadows;
    private uint used;

    /// <summary>An empty memory.</summary>
    /// <param name="policy">A name of <see cref="Policies"/>.</param>
    /// <param name="frames">Frames, at least 1.</param>
    /// <param name="pages">Pages that there can be.</param>
    /// <param name="seed">Seed of what the policy draws.</param>
    public ReferenceString(string policy, int frames, int pages, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frames, 1);
        map = new MemMap((uint)frames + 1); // frame 0 ends lists
        accessed = new bool[frames + 1];
        pageIn = new int[frames + 1];
        frameOf = new uint[pages];
        shadows = new ulong[pages];
        var context = new PolicyContext(map, this, new VmStat(), new VmSettings(), 12, 0, seed);
        lru = new Lruvec(map, Policies.Make(policy, context));
        observer = lru.Policy as IReferenceObserver;
    }

    /// <summary>References that found their page not in memory.</summary>
    public long Misses { get; private set; }

    /// <summary>The next reference.</summary>
    /// <param name="page">The page, from 0.</param>
    /// <param name="next">When it is used next, as a place in the string; <see cref="long.MaxValue"/> for
    /// never.</param>
    public void Use(int page, long next)
    {
        uint frame = frameOf[page];
        if (frame == 0)
        {
            Misses++;
            frame = used < map.FrameCount - 1 ? ++used : Evict();
            pageIn[frame] = page;
            frameOf[page] = frame;
            map[new Pfn(frame)].Flags = PageFlags.SwapBacked;
            lru.Add(new Pfn(frame), shadows[page]);
        }

        accessed[frame] = true;
        observer?.Referenced(new Pfn(frame), next);
    }

    /// <summary>Whether a page is in memory.</summary>
    public bool Has(int page) => frameOf[page] != 0;

    /// <inheritdoc/>
    public int TestAndClear(Pfn page, out bool executable, out bool locked)
    {
        executable = locked = false;
        int referenced = accessed[page.Value] ? 1 : 0;
        accessed[page.Value] = false;
        return referenced;
    }

    /// <inheritdoc/>
    public PageKind KindOf(Pfn page) => PageKind.Anon;

    /// <summary>Gives the memory back to the host.</summary>
    public void Dispose() => map.Dispose();

    private uint Evict()
    {
        victims.Clear();
        for (int round = 0; victims.Count == 0; round++)
        {
            KernelBug.Assert(round < RoundsMax, $"policy {lru.Policy.Name} hands out no page");
            for (int priority = 12; priority >= 0 && victims.Count == 0; priority--)
            {
                var request = new ScanRequest { Wanted = 1, Priority = priority, MaySwap = true };
                lru.Select(ref request, victims);
                lru.AttemptOver(null);
            }
        }

        KernelBug.Assert(victims.Count == 1, $"policy {lru.Policy.Name} hands out {victims.Count} pages for 1");
        Pfn victim = victims[0];
        int page = pageIn[victim.Value];
        shadows[page] = lru.Evict(victim);
        frameOf[page] = 0;
        map[victim] = default;
        return victim.Value;
    }
}
