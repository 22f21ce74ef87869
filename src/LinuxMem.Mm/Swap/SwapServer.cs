using LinuxMem.Arch.Addresses;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Mutants;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Swap;

/// <summary>Answers the kernel's questions about swap, in order, out of the swap map and the swap cache.</summary>
public sealed class SwapServer
{
    private readonly SwapMap map;
    private readonly SwapCache cache = new();
    private long answered;

    /// <summary>With areas that are in use from the start, and perhaps a planted bug.</summary>
    public SwapServer(IReadOnlyList<SwapAreaSettings> areas, Mutant mutant = default)
    {
        map = new SwapMap(mutant);
        foreach (SwapAreaSettings area in areas.Where(a => a.OnAtBoot))
            map.SwapOn(area);
    }

    /// <summary>
    /// Answers a batch. One that is answered already, and comes again because the actor around this crashed before it
    /// sent the answer, is left as it is.
    /// </summary>
    public void Answer(SwapExchange exchange)
    {
        if (exchange.Number <= answered)
        {
            exchange.Overtaken += exchange.Number < answered ? 1 : 0;
            return;
        }

        answered = exchange.Number;
        exchange.AnswerNumber++;
        exchange.Answers.Clear();
        foreach (SwapStep step in exchange.Steps)
            exchange.Answers.Add(Answer(step));
        exchange.FreeSlots = map.FreeSlots;
        map.CopyUsedSlots(exchange.UsedSlots);
        exchange.Exported.Clear();
        if (exchange.WantsExport)
            Export(exchange.Exported);
    }

    private SwapAnswer Answer(in SwapStep step)
    {
        SwapEntry entry = step.Entry;
        switch (step.Kind)
        {
            case SwapQuestion.Allocate:
                entry = map.Allocate(step.Cpu);
                if (!entry.IsNone)
                    cache.Add(entry, step.Page);
                return new SwapAnswer(entry, entry.IsNone ? default : step.Page, false);
            case SwapQuestion.Duplicate:
                map.AreaOf(entry).Duplicate(entry.Slot);
                return new SwapAnswer(entry, cache.Find(entry), false);
            case SwapQuestion.Put:
                bool freed = map.AreaOf(entry).Put(entry.Slot);
                bool idle = !freed && map.AreaOf(entry).CountOf(entry.Slot) == 0;
                return new SwapAnswer(entry, idle ? cache.Find(entry) : Pfn.None, freed);
            case SwapQuestion.PutMapped:
                KernelBug.Assert(!map.AreaOf(entry).Put(entry.Slot),
                    $"I31 violated: {entry} is free though its page is in the swap cache");
                return new SwapAnswer(entry, Pfn.None, false);
            case SwapQuestion.Find:
                return new SwapAnswer(entry, cache.Find(entry), !map.IsInUse(entry));
            case SwapQuestion.Cache:
                map.AreaOf(entry).SetCached(entry.Slot, true);
                cache.Add(entry, step.Page);
                return new SwapAnswer(entry, step.Page, false);
            case SwapQuestion.TryFree when cache.Find(entry) != step.Page || map.AreaOf(entry).CountOf(entry.Slot) > 0:
                return new SwapAnswer(entry, cache.Find(entry), false);
            case SwapQuestion.SwapOn or SwapQuestion.Retire or SwapQuestion.Reinstate or SwapQuestion.SwapOff:
                Change(step);
                return new SwapAnswer(entry, default, false);
            default:
                Pfn page = cache.Remove(entry);
                return new SwapAnswer(entry, page, map.AreaOf(entry).SetCached(entry.Slot, false));
        }
    }

    private void Change(in SwapStep step)
    {
        int number = step.Entry.Area;
        if (step.Kind == SwapQuestion.SwapOn)
            KernelBug.Assert(map.SwapOn(step.Area!).Index == number, $"swap area {number} has two numbers");
        else if (step.Kind == SwapQuestion.Retire)
            map.Retire(map.Numbered(number));
        else if (step.Kind == SwapQuestion.Reinstate)
            map.Reinstate(map.Numbered(number), step.Area!.Priority);
        else
            map.SwapOff(map.Numbered(number));
    }

    private void Export(List<SwapSlotUse> into)
    {
        // Only if the cache has what no slot in use is for, the others are looked up there, too.
        Export(into, onlyInUse: true);
        if (into.Count(use => !use.Page.IsNone) == cache.Count)
            return;
        into.Clear();
        Export(into, onlyInUse: false);
    }

    private void Export(List<SwapSlotUse> into, bool onlyInUse)
    {
        foreach (SwapArea area in map.Areas)
        {
            if (cache.Count == 0 && !area.HasAnyInUse)
                continue;
            for (uint slot = 1; slot <= area.SlotCount; slot++)
            {
                if (onlyInUse && !area.IsInUse(slot))
                    continue;
                var entry = new SwapEntry(area.Index, slot);
                Pfn page = cache.Find(entry);
                if (area.IsInUse(slot) || !page.IsNone)
                    into.Add(new SwapSlotUse(entry, area.CountOf(slot), area.IsInCache(slot), page));
            }
        }
    }
}
