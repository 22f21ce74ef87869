using LinuxMem.Arch.Addresses;
using LinuxMem.Audit.Snapshots;
using LinuxMem.Mm.Memcg;
using LinuxMem.Mm.MemMaps;

namespace LinuxMem.Actors.Auditing;

/// <summary>Writes down for the audit what memory cgroups say they have, and who pays for what.</summary>
internal static class GroupSnapshot
{
    /// <summary>Adds the groups, if there are any.</summary>
    public static void Fill(Mm.Kernel kernel, MachineSnapshot into)
    {
        if (kernel.Memory.Groups is not { } groups)
            return;
        foreach (MemCgroup group in groups.All)
        {
            into.Groups.Add(new GroupRecord
            {
                Id = group.Id,
                Parent = group.Parent?.Id ?? 0,
                UsageCounter = group.Usage,
                SwapCounter = group.SwapUsage,
                Max = group.Max,
                SwapMax = group.SwapMax,
            });
        }

        MemMap map = kernel.Memory.Map;
        Span<GroupRecord> records = into.Groups.Items;
        for (uint pfn = 0; pfn < map.FrameCount; pfn++)
        {
            if (!groups.HasPayer(new Pfn(pfn)))
                continue;
            bool isFree = map[new Pfn(pfn)].Place is Mm.MemMaps.FramePlace.BuddyHead
                or Mm.MemMaps.FramePlace.PerCpuList or Mm.MemMaps.FramePlace.Untouched;
            ref GroupRecord payer = ref records[groups.PayerOf(new Pfn(pfn))];
            payer.Frames += isFree ? 0 : 1;
            payer.FreeFrames += isFree ? 1 : 0;
        }

        foreach (MemCgroup payer in groups.SwapPayers)
            records[payer.Id].Slots++;
    }
}
