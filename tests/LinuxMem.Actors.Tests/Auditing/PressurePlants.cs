using LinuxMem.Actors.Tests.Support;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Oom;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Actors.Tests.Auditing;

/// <summary>Bugs in lists of page replacement, dirty pages, counters, and in who waits or dies for memory.</summary>
internal static class PressurePlants
{
    private const long HungNs = 121_000_000_000;

    public static IEnumerable<MachinePlant> All =>
    [
        new("I13", "a private entry names a page of a shared mapping", v =>
            v.FindPage(p => (p.Vma.Flags & VmFlags.Shared) != 0, out MappedPage shared)
            && v.FindPage(p => p.Vma is { IsAnonymous: true, Mapping: null } && p.Pfn != v.Memory.ZeroPage
                && v.FrameOf(p.Pfn).Place == FramePlace.Anon, out MappedPage own)
            && Do(() => v.Write(own, (own.Entry & ~v.Format.PfnMask) | v.Format.Make(shared.Pfn.Value, 0))))
            { OnDisk = true },
        new("I20", "the dirty bit goes without a flush", v =>
            v.FindCached((p, e) => e.Dirty && (p.Entry & v.Format.Dirty) != 0, out MappedPage page)
            && Do(() => v.Write(page, page.Entry & ~v.Format.Dirty))),
        new("I25", "a stack grows into its guard gap", v => v.Insides.Conductor.ServedNs > 10_000 && GrowStack(v)),
        new("I27", "a promise is counted twice", v =>
            Set(v.Insides.Kernel.Objects, "CommittedPages", v.Insides.Kernel.Objects.CommittedPages + 1)),
        new("I28", "a page forgets that it is on a list", v =>
            v.FindAnon(out MappedPage page) && Do(() => v.FrameOf(page.Pfn).Flags &= ~PageFlags.Lru)),
        new("I28", "a page is taken off its list twice", v =>
            v.FindAnon(out MappedPage page) && Do(() => v.Memory.Lru!.Policy.Removed(page.Pfn))),
        new("I28", "a page is locked for nobody", v =>
            v.FindAnon(out MappedPage page) && Do(() => v.Memory.Lru!.Lock(page.Pfn))),
        new("I28", "a locked page is counted twice", v => Do(() => v.Memory.Stat.Add(VmEvent.NrMlock))),
        new("I29", "a page becomes dirty and is not counted", v =>
            v.FindPage(p => v.FrameOf(p.Pfn) is { Place: FramePlace.File } f && (f.Flags & PageFlags.Dirty) == 0,
                out MappedPage page) && Do(() => v.FrameOf(page.Pfn).Flags |= PageFlags.Dirty)) { OnDisk = true },
        new("I30", "a frame is counted as freed", v => Do(() => v.Memory.Stat.Add(VmEvent.PgFree))),
        new("I30", "a page comes from swap that no disk has read", v =>
            v.Ended && Do(() => v.Memory.Stat.Add(VmEvent.PswpIn))) { OnDisk = true },
        new("I30", "a disk writes, and the kernel forgets it", v =>
            v.Ended && Do(() => v.Memory.Stat.Add(VmEvent.PgPgOut, -4))) { OnDisk = true },
        new("I36", "a clean page changes", v => v.Ended && ChangeFilePage(v)) { OnDisk = true },
        new("I39", "the page of zeros is written to", v =>
            v.Ended && Do(() => v.Memory.Ram.WriteWord(v.Memory.ZeroPage, 0, 1))) { OnDisk = true },
        new("I40", "a page is not cleared before it is given away", Leak) { Later = true, KeepsBytes = true },
        new("I41", "an allocation takes the last frame", v => Do(() => LoopInsides.Field<List<GrantedAlloc>>(
            v.Memory.Allocator.Witness!, "granted").Add(new GrantedAlloc(0, 0, GfpFlags.Kernel, 1)))),
        new("I42", "the smaller of two processes is killed", v => Do(() => LoopInsides.Field<List<OomCandidate>>(
            v.Insides.Kernel.Oom.Witness!, "candidates").AddRange([
                new OomCandidate(1, 2, 100, 0, false, false, false, 2048, 0),
                new OomCandidate(1, 3, 99, 0, false, false, true, 2048, 0)]))),
        new("I43", "a task is never woken", v => v.Insides.Kernel.Tasks.Groups.SelectMany(g => g.Tasks)
            .FirstOrDefault(t => t.StallsForIo) is { } task && Do(() => task.StallSinceNs -= HungNs)) { OnDisk = true },
    ];

    private static bool Do(Action damage)
    {
        damage();
        return true;
    }

    private static bool Set(object owner, string name, object value)
    {
        LoopInsides.Set(owner, name, value);
        return true;
    }

    // A word of a page that nobody has stored to holds somebody else's data.
    private static bool Leak(Victim victim)
    {
        const int words = 512;
        for (uint pfn = 1; pfn < victim.Memory.Map.FrameCount; pfn++)
        {
            var page = new Arch.Addresses.Pfn(pfn);
            if (victim.FrameOf(page) is not { Place: FramePlace.Anon, MapCount: 1 })
                continue;
            for (int word = 0; word < words; word++)
            {
                if (victim.Memory.Ram.ReadWord(page, word * 8) == 0)
                    victim.Memory.Ram.WriteWord(page, word * 8, 0x5ec2e7);
            }

            return true;
        }

        return false;
    }

    private static bool GrowStack(Victim victim)
    {
        foreach (Mm.Mm mm in victim.Insides.Kernel.Lifecycle.Live)
        {
            for (Vma? vma = mm.Vmas.Tree.First; vma is not null; vma = vma.Next)
            {
                if ((vma.Flags & VmFlags.GrowsDown) != 0 && mm.Vmas.Tree.Prev(vma) is { } below
                    && (below.Flags & VmFlags.AccessMask) != 0)
                    return Set(vma, "Start", below.End + 0x1000);
            }
        }

        return false;
    }

    private static bool ChangeFilePage(Victim victim)
    {
        const PageFlags busy = PageFlags.Dirty | PageFlags.Locked | PageFlags.Writeback;
        for (uint pfn = 1; pfn < victim.Memory.Map.FrameCount; pfn++)
        {
            var page = new Arch.Addresses.Pfn(pfn);
            PageFrame frame = victim.FrameOf(page);
            if (frame.Place != FramePlace.File || (frame.Flags & busy) != 0 || (frame.Flags & PageFlags.Uptodate) == 0
                || victim.Insides.Kernel.Objects.ById(frame.Owner) is null)
                continue;
            victim.Memory.Ram.WriteWord(page, 0, 0xbad);
            return true;
        }

        return false;
    }
}
