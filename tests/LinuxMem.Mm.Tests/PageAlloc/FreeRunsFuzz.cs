using CsCheck;
using LinuxMem.Arch.Addresses;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.PageAlloc;

/// <summary>
/// Frames that a per-CPU list gives back at once, neighbours as whole blocks, against frames given back one by one:
/// the zones' free lists are the same, down to the order of blocks on them.
/// </summary>
public class FreeRunsFuzz
{
    private const uint Frames = 3000;

    // Which frames are freed and in which order: stretches of neighbours, up and down.
    private static readonly Gen<(int Start, int Length, bool Down)[]> GenStretches =
        Gen.Select(Gen.Int[0, 2499], Gen.OneOf(Gen.Int[1, 9], Gen.Int[1, 600]), Gen.Bool).Array[1, 30];

    [Fact]
    public void Neighbours_freed_as_blocks_leave_the_lists_as_if_freed_one_by_one() =>
        GenStretches.Sample(
            stretches =>
            {
                Assert.Equal(ListsAfter(stretches, atOnce: false), ListsAfter(stretches, atOnce: true));
            },
            iter: 200);

    private static List<(int Zone, int Order, int Type, uint Pfn)> ListsAfter(
        (int Start, int Length, bool Down)[] stretches, bool atOnce)
    {
        var vm = new VmSettings { MinFreeKbytes = 0, PcpHighPages = 100_000 };
        using var machine = new Machine(Frames, cpus: 1, vm);
        var inUse = new HashSet<uint>();
        for (int i = 0; i < 2500; i++)
            inUse.Add(machine.Alloc().Value);
        machine.Allocator.DrainAll();
        foreach ((int start, int length, bool down) in stretches)
        {
            for (int i = 0; i < length; i++)
            {
                uint pfn = (uint)(down ? start + length - i : start + i) + 1;
                if (!inUse.Remove(pfn))
                    continue;
                machine.Free(new Pfn(pfn));
                if (!atOnce)
                    machine.Allocator.DrainAll();
            }

            machine.Allocator.DrainAll();
        }

        var lists = new List<(int, int, int, uint)>();
        machine.Allocator.VisitFreeBlocks(
            (zone, order, type, pfn) => lists.Add(((int)zone.Type, order.Value, (int)type, pfn.Value)));
        return lists;
    }
}
