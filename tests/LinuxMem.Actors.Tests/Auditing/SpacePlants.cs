using LinuxMem.Actors.Kernel;
using LinuxMem.Actors.Tests.Support;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Tlb;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Actors.Tests.Auditing;

/// <summary>Bugs in address spaces, TLBs and the engine.</summary>
internal static class SpacePlants
{
    public static IEnumerable<MachinePlant> All =>
    [
        new("I14", "a writable page is not flagged exclusive", v =>
            v.FindPage(p => IsWritableAnon(v, p), out MappedPage page)
            && Do(v.FrameOf(page.Pfn).Flags &= ~PageFlags.AnonExclusive)),
        new("I14", "fork leaves an entry writable", v =>
            v.FindPage(p => v.FrameOf(p.Pfn) is { Place: FramePlace.Anon, MapCount: > 1 }, out MappedPage page)
            && SetEntry(v, page, page.Entry | v.Format.Write)),
        new("I15", "an entry goes without a flush", v =>
            v.FindCached((_, _) => true, out MappedPage page) && SetEntry(v, page, 0)),
        new("I16", "rights go without a flush", v =>
            v.FindCached((p, e) => e.Write && (p.Entry & v.Format.Write) != 0, out MappedPage page)
            && SetEntry(v, page, page.Entry & ~v.Format.Write)),
        new("I17", "a frame is freed that a TLB names", v =>
            v.FindCached((p, _) => IsWritableAnon(v, p), out MappedPage page) && Free(v, page)),
        new("I18", "a CPU is ahead of an address space", v => AnyLoaded(v, (cpu, mm) =>
            cpu.LocalGen[mm.AsidOnCpu[0]] = mm.TlbGen + 1)),
        new("I18", "an order is lost on its way", v => AnyLoaded(v, (cpu, mm) => mm.TlbGen++)),
        new("I19", "an ASID stands for another address space", v => AnyLoaded(v, (cpu, mm) =>
            LoopInsides.Field<Mm.Mm?[]>(cpu, "mmOfAsid")[mm.AsidOnCpu[0]] =
                v.Insides.Kernel.Lifecycle.Live.Last(m => m != mm))),
        new("I21", "a VMA does not end on a page", v =>
            v.FindAnon(out MappedPage page) && Set(page.Vma, "End", page.Vma.End - 8)),
        new("I22", "two neighbours are left apart", v => v.FindPage(
            p => p.Vma.Next is { } next && next.Start == p.Vma.End && next.Flags != p.Vma.Flags
                && p.Vma.IsAnonymous && next.IsAnonymous && next.PgOff == p.Vma.PgOff + p.Vma.SpanPages,
            out MappedPage page) && Set(page.Vma, "Flags", page.Vma.Next!.Flags)),
        new("I23", "an entry allows more than its VMA", v =>
            v.FindPage(p => (p.Vma.Flags & VmFlags.Write) == 0, out MappedPage page)
            && SetEntry(v, page, page.Entry | v.Format.Write)),
        new("I24", "an address space counts a table too many", v =>
            v.FindAnon(out MappedPage page) && Do(page.Mm.PageTablePages++)),
        new("I26", "an address space counts a page too many", v =>
            v.FindAnon(out MappedPage page) && Do(page.Mm.RssAnon++)),
        new("I37", "a page loses what was stored", v =>
            v.FindCached((p, _) => IsWritableAnon(v, p), out MappedPage page) && Spoil(v, page)) { Later = true },
        new("I44", "time goes back", v => v.Insides.Conductor.ServedNs > 10_000
            && Set(v.Insides.Conductor, "ServedNs", 1L)),
        new("I45", "a grant gets no report", v => Do(v.Insides.Audit.Counters.GrantsSent++)),
        new("I45", "the page cache answers twice", v => Do(v.Insides.Audit.Counters.AnswersDelivered++)),
        new("I48", "an order is never carried out", v => v.Ended && Do(LeaveOrder(v))),
        new("I49", "a trap gets no answer", v => Do(v.Insides.Audit.Counters.TrapsBegun++)),
    ];

    private static bool IsWritableAnon(Victim victim, MappedPage page) =>
        (page.Entry & victim.Format.Write) != 0
        && victim.FrameOf(page.Pfn) is { Place: FramePlace.Anon, MapCount: 1, RefCount: 1 };

    private static bool Do(object _) => true;

    private static bool Set(object owner, string name, object value)
    {
        LoopInsides.Set(owner, name, value);
        return true;
    }

    private static bool SetEntry(Victim victim, MappedPage page, ulong entry)
    {
        victim.Write(page, entry);
        return true;
    }

    private static bool Free(Victim victim, MappedPage page)
    {
        victim.Write(page, 0);
        page.Mm.RssAnon--;
        ref PageFrame frame = ref victim.FrameOf(page.Pfn);
        frame.RefCount = 0;
        frame.MapCount = 0;
        frame.Flags = PageFlags.None;
        frame.Place = FramePlace.Isolated;
        victim.Memory.Allocator.FreePages(0, page.Pfn, Order.Zero, out _);
        return true;
    }

    private static unsafe bool Spoil(Victim victim, MappedPage page)
    {
        for (int offset = 0; offset < (int)victim.Memory.Geometry.PageBytes; offset += 8)
            victim.Memory.Ram.WriteWord(page.Pfn, offset, 0x5e0f_1ed5_e0f1_ed00);
        return true;
    }

    private static bool AnyLoaded(Victim victim, Action<CpuTlbState, Mm.Mm> damage)
    {
        CpuTlbState cpu = victim.Insides.Cpus[0].Slot.Tlb;
        if (cpu.Loaded is not { } mm || !cpu.Busy || cpu.Pending.Count > 0 || cpu.Deferred.Count > 0
            || victim.Insides.Kernel.Lifecycle.Live.Count < 2)
            return false;
        damage(cpu, mm);
        return true;
    }

    private static int LeaveOrder(Victim victim)
    {
        CpuState cpu = victim.Insides.Cpus[0];
        cpu.Slot.Tlb.Pending.Add(new InvalidateCommand(0, 1, 1, 0, InvalidateCommand.WholeAsid, 0, false));
        return 1;
    }
}
