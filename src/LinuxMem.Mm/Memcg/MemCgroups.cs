using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Swap;
using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Memcg;

/// <summary>
/// The memory cgroups of a machine: who pays for which frame and which slot of swap, and whether they may.
/// </summary>
/// <remarks>
/// Linux: mm/memcontrol.c: try_charge_memcg, uncharge_folio, mem_cgroup_try_charge_swap, v6.18. Frames are charged one
/// by one, to the group of the task that asks, those that come back from swap to the group that had them; Linux charges
/// batches of 64 in advance. A frame stays charged until it is free. Page tables count; other memory of the kernel is
/// not modelled.
/// </remarks>
public sealed class MemCgroups
{
    private const ushort Nobody = ushort.MaxValue;
    private readonly MemCgroup[] all;
    private readonly Dictionary<string, MemCgroup> byPath = new(StringComparer.Ordinal);
    private readonly ushort[] payers;
    private readonly Dictionary<SwapEntry, MemCgroup> swapPayers = [];

    /// <summary>With the groups of a machine; a parent comes before its children.</summary>
    /// <exception cref="ConfigurationException">A parent is missing, or a group is there twice.</exception>
    public MemCgroups(IReadOnlyList<CgroupSettings> settings, uint frameCount, int pageShift)
    {
        Root = new MemCgroup();
        byPath.Add("", Root);
        all = new MemCgroup[settings.Count + 1];
        all[0] = Root;
        payers = new ushort[frameCount];
        Current = Root;
        for (int i = 0; i < settings.Count; i++)
        {
            string path = settings[i].Path;
            int slash = path.LastIndexOf('/');
            if (!byPath.TryGetValue(slash < 0 ? "" : path[..slash], out MemCgroup? parent))
                throw new ConfigurationException($"groups: \"{path}\" comes before the group that it is in");
            all[i + 1] = new MemCgroup(settings[i], i + 1, parent, pageShift);
            if (!byPath.TryAdd(path, all[i + 1]))
                throw new ConfigurationException($"groups: \"{path}\" is there twice");
        }
    }

    /// <summary>The root.</summary>
    public MemCgroup Root { get; }

    /// <summary>Every group by its number, the root first.</summary>
    public IReadOnlyList<MemCgroup> All => all;

    /// <summary>Who pays for what is allocated now.</summary>
    public MemCgroup Current { get; set; }

    /// <summary>Whose limit refused the last charge since this was last set to null.</summary>
    public MemCgroup? Blocked { get; set; }

    /// <summary>Charges that were refused.</summary>
    public long Refusals { get; private set; }

    /// <summary>Pages charged above memory.high since this was last reset: those of the trap that is served.</summary>
    public int ChargedOverHigh { get; set; }

    /// <summary>The group of a path; null if there is none.</summary>
    public MemCgroup? Find(string path) => byPath.GetValueOrDefault(path);

    /// <summary>The group of a task.</summary>
    public MemCgroup Of(TaskStruct task) => task.Group.Cgroup ?? Root;

    /// <summary>A task is served: its group pays for what is allocated.</summary>
    public void Serve(TaskStruct task) => Current = Of(task);

    /// <summary>Whether a group other than the root pays for a frame.</summary>
    public bool HasPayer(Pfn page) => payers[page.Value] is not (0 or Nobody);

    /// <summary>Who pays for slots of swap: each as often as it does, in no order.</summary>
    public IReadOnlyCollection<MemCgroup> SwapPayers => swapPayers.Values;

    /// <summary>The number of the group that pays for a frame.</summary>
    public int PayerOf(Pfn page) => payers[page.Value];

    /// <summary>
    /// Whether a group, or one below it, pays for a frame. For one that a page has just left nobody does.
    /// </summary>
    public bool IsPaidWithin(Pfn page, MemCgroup group) =>
        payers[page.Value] is var payer and not Nobody && all[payer].IsWithin(group);

    /// <summary>Frames that can be taken before some group is at its limit or has to be slowed down, at least.
    /// </summary>
    public long Room
    {
        get
        {
            long room = MemCgroup.Unlimited;
            foreach (MemCgroup group in all)
            {
                long limit = Math.Min(group.Max, group.High);
                room = limit == MemCgroup.Unlimited ? room : Math.Min(room, Math.Max(0, limit - group.Usage));
            }

            return room;
        }
    }

    /// <summary>Charges a frame to a group and those above it. False, and nothing charged, where one is full.</summary>
    public bool TryCharge(MemCgroup payer)
    {
        for (MemCgroup? group = payer; group is not null; group = group.Parent)
        {
            if (group.Usage < group.Max)
                continue;
            Refusals++;
            Blocked = group;
            group.Refused++;
            foreach (MemCgroup told in group.Chain)
                told.Events.Max++;
            return false;
        }

        bool isOver = false;
        for (MemCgroup? group = payer; group is not null; group = group.Parent)
        {
            group.Usage++;
            group.Peak = Math.Max(group.Peak, group.Usage);
            if (group.Usage <= group.High)
                continue;
            group.HighWork++;
            isOver = true;
        }

        ChargedOverHigh += isOver ? 1 : 0;
        return true;
    }

    /// <summary>A charged frame has come, and is the group's; or there is none, and the charge is given back.
    /// </summary>
    public void Settle(Pfn page, MemCgroup payer)
    {
        Blocked = null;
        if (page.IsNone)
            Add(payer, -1);
        else
            payers[page.Value] = (ushort)payer.Id;
    }

    /// <summary>
    /// A page has moved to a frame that nobody pays for: who paid for the old one pays for that, and for the old one
    /// nobody does while TLBs still name it.
    /// </summary>
    /// <remarks>Linux: mm/memcontrol.c: mem_cgroup_migrate, v6.18.</remarks>
    public void Migrate(Pfn from, Pfn to)
    {
        payers[to.Value] = payers[from.Value];
        payers[from.Value] = Nobody;
    }

    /// <summary>A frame is free: nobody pays for it any more.</summary>
    public void Uncharge(Pfn page)
    {
        if (payers[page.Value] == Nobody)
        {
            payers[page.Value] = 0;
            return;
        }

        Add(all[payers[page.Value]], -1);
        payers[page.Value] = 0;
    }

    /// <summary>Counts something that has happened to a page, for who pays for it.</summary>
    public void Count(Pfn page, VmEvent what)
    {
        if (payers[page.Value] != Nobody)
            all[payers[page.Value]].Count(what);
    }

    /// <summary>A page is on its way out of memory (1), or not any more (-1).</summary>
    public void CountReclaiming(Pfn page, int by)
    {
        for (MemCgroup? group = all[payers[page.Value]]; group is not null; group = group.Parent)
            group.Reclaiming += by;
    }

    /// <summary>A page on its way out could not be written, or has left.</summary>
    internal void CountUnwritten(Pfn page, bool hasLeft)
    {
        for (MemCgroup? group = all[payers[page.Value]]; group is not null; group = group.Parent)
            group.Unwritten = hasLeft ? 0 : group.Unwritten + 1;
    }

    /// <summary>Whether a group may have another page in swap.</summary>
    public static bool HasSwapRoom(MemCgroup group)
    {
        for (MemCgroup? one = group; one is not null; one = one.Parent)
        {
            if (one.SwapUsage >= one.SwapMax)
                return false;
        }

        return true;
    }

    /// <summary>Charges a slot of swap to the group that pays for a frame; false where it may have no more.</summary>
    public bool TryChargeSwap(Pfn page)
    {
        MemCgroup payer = all[payers[page.Value]];
        if (!HasSwapRoom(payer))
        {
            payer.SwapRefused++;
            foreach (MemCgroup told in payer.Chain)
                told.Events.SwapMax++;
            return false;
        }

        AddSwap(payer, 1);
        return true;
    }

    /// <summary>There was no slot for a page that was charged one.</summary>
    public void CancelSwap(Pfn page) => AddSwap(all[payers[page.Value]], -1);

    /// <summary>A slot belongs to who pays for a frame. Precondition: <see cref="TryChargeSwap"/>.</summary>
    public void OwnSwap(SwapEntry entry, Pfn page) => swapPayers[entry] = all[payers[page.Value]];

    /// <summary>A slot is free.</summary>
    public void UnchargeSwap(SwapEntry entry)
    {
        if (swapPayers.Remove(entry, out MemCgroup? payer))
            AddSwap(payer, -1);
    }

    /// <summary>Who pays for a page that comes back from a slot.</summary>
    public MemCgroup PayerOf(SwapEntry entry) => swapPayers.GetValueOrDefault(entry) ?? Current;

    private static void Add(MemCgroup payer, long pages)
    {
        for (MemCgroup? group = payer; group is not null; group = group.Parent)
        {
            group.Usage += pages;
            KernelBug.Assert(group.Usage >= 0, $"group {group.KernelPath} is given back more than it was charged");
        }
    }

    private static void AddSwap(MemCgroup payer, long pages)
    {
        for (MemCgroup? group = payer; group is not null; group = group.Parent)
        {
            group.SwapUsage += pages;
            group.SwapPeak = Math.Max(group.SwapPeak, group.SwapUsage);
        }
    }
}
