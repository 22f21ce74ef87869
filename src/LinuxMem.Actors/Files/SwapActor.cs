using Akka.Actor;
using LinuxMem.Actors.Messages;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Swap;

namespace LinuxMem.Actors.Files;

/// <summary>The owner of the swap map and the swap cache: answers the kernel's questions in order.</summary>
public sealed class SwapActor : UntypedActor
{
    private readonly SwapMap map;
    private readonly SwapCache cache;

    /// <summary>Around map and cache, which live longer than the actor.</summary>
    public SwapActor(SwapMap map, SwapCache cache)
    {
        this.map = map;
        this.cache = cache;
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (message is not SwapExchange exchange)
        {
            Unhandled(message);
            return;
        }

        exchange.Answers.Clear();
        foreach (SwapStep step in exchange.Steps)
            exchange.Answers.Add(Answer(step));
        exchange.Steps.Clear();
        Sender.Tell(exchange, Self);
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
                return new SwapAnswer(entry, cache.Find(entry), map.AreaOf(entry).Put(entry.Slot));
            case SwapQuestion.Find:
                return new SwapAnswer(entry, cache.Find(entry), false);
            case SwapQuestion.Cache:
                map.AreaOf(entry).SetCached(entry.Slot, true);
                cache.Add(entry, step.Page);
                return new SwapAnswer(entry, step.Page, false);
            default:
                Pfn page = cache.Remove(entry);
                return new SwapAnswer(entry, page, map.AreaOf(entry).SetCached(entry.Slot, false));
        }
    }
}
