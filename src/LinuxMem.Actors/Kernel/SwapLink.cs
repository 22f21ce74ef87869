using LinuxMem.Actors.Auditing;
using LinuxMem.Mm.Fault;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Swap;
using LinuxMem.Simulation;

namespace LinuxMem.Actors.Kernel;

/// <summary>Carries what the kernel asks of swap to its owner, and the answers back to who asked.</summary>
public sealed class SwapLink
{
    private readonly SwapOperations swap;
    private readonly IMachinePorts ports;
    private readonly EngineCounters counters;
    private readonly List<SwapAnswer> answers = [];
    private readonly uint[] pages = new uint[PageLookup.BatchPages];
    private IEnumerator<SwapOperations>? step;
    private int lookedUp;
    private bool asksForSlots;
    private bool exports;

    /// <summary>Of a machine.</summary>
    public SwapLink(SwapOperations swap, IMachinePorts ports, EngineCounters counters)
    {
        this.swap = swap;
        this.ports = ports;
        this.counters = counters;
    }

    /// <summary>What comes of an answer.</summary>
    public enum Next
    {
        /// <summary>The kernel's phase goes on.</summary>
        Phase,

        /// <summary>The trap goes on that looked something up: with <see cref="Found"/>.</summary>
        Trap,

        /// <summary>The kernel's step is over.</summary>
        StepOver,

        /// <summary>The audit has what it asked for.</summary>
        Audit,
    }

    /// <summary>Whether an answer is due: nothing may be served.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>
    /// What was found: frames, 0 for slots that only the disk has, <see cref="SwapFault.FreeSlot"/> for free ones.
    /// </summary>
    public ReadOnlySpan<uint> Found => pages.AsSpan(0, lookedUp);

    /// <summary>Hands in what the kernel has to tell; false if it has nothing.</summary>
    public bool Flush()
    {
        if (!swap.HasSteps)
            return false;
        Send();
        return true;
    }

    /// <summary>Looks slots up in the swap cache, or fetches the slots that a call has asked for.</summary>
    public void Look(PageLookup lookup)
    {
        lookedUp = lookup.Count;
        asksForSlots = lookup.Mapping == swap.SlotRequests;
        if (!asksForSlots)
            swap.AskFor(lookup);
        Send();
    }

    /// <summary>Asks for everything, for the audit.</summary>
    public void Export()
    {
        exports = true;
        swap.Exchange.WantsExport = true;
        Send();
    }

    /// <summary>Begins a step of the kernel; false if it is over at once, true if it waits for an answer.</summary>
    public bool Begin(IEnumerator<SwapOperations> kernelStep)
    {
        step = kernelStep;
        return Continue();
    }

    /// <summary>Takes the answer in, and says who goes on.</summary>
    public Next OnAnswer(SwapExchange exchange)
    {
        KernelBug.Assert(IsWaiting && exchange == swap.Exchange, "I49 violated: swap answers without a question");
        IsWaiting = false;
        counters.SwapAnswers++;
        counters.SwapOvertaken = exchange.Overtaken;
        if (step is not null)
            return Continue() ? Next.Phase : Next.StepOver;
        swap.Take(answers);
        if (exports)
        {
            exports = exchange.WantsExport = false;
            return Next.Audit;
        }

        if (lookedUp == 0)
            return Next.Phase;
        if (asksForSlots)
        {
            swap.Granted.Clear();
            swap.Granted.AddRange(answers);
            return Next.Trap;
        }

        for (int i = 0; i < lookedUp; i++)
            pages[i] = !answers[i].Page.IsNone ? answers[i].Page.Value : answers[i].Freed ? SwapFault.FreeSlot : 0;
        return Next.Trap;
    }

    /// <summary>The trap has what it looked up.</summary>
    public void EndLook() => lookedUp = 0;

    // True if the step waits for an answer.
    private bool Continue()
    {
        if (step!.MoveNext())
        {
            Send();
            return true;
        }

        step = null;
        return false;
    }

    private void Send()
    {
        IsWaiting = true;
        swap.Exchange.Number = ++counters.SwapExchanges;
        ports.Swap(swap.Exchange);
    }
}
