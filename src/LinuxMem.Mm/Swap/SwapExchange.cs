using LinuxMem.Arch.Addresses;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Swap;

/// <summary>What the kernel asks of the owner of swap.</summary>
public enum SwapQuestion
{
    /// <summary>
    /// A slot for a page that leaves, which goes into the swap cache; the answer has the entry, or none.
    /// </summary>
    Allocate,

    /// <summary>One more page-table entry names a slot.</summary>
    Duplicate,

    /// <summary>
    /// A page-table entry names a slot no more; the answer says whether that freed it, or else has the page that only
    /// the swap cache keeps there.
    /// </summary>
    Put,

    /// <summary>The same, of a page that is in the swap cache and mapped: nothing follows.</summary>
    PutMapped,

    /// <summary>
    /// The page of an entry in the swap cache; the answer has the frame, or none, and whether the slot is in use.
    /// </summary>
    Find,

    /// <summary>A page that came back goes into the swap cache.</summary>
    Cache,

    /// <summary>A page leaves the swap cache; the answer has the frame, and whether that freed the slot.</summary>
    Uncache,

    /// <summary>
    /// A page leaves the swap cache if no page-table entry names its slot; the answer says whether it did.
    /// </summary>
    TryFree,

    /// <summary>An area comes into use, under the number of the entry.</summary>
    SwapOn,

    /// <summary>An area is given no more pages.</summary>
    Retire,

    /// <summary>A retired area is given pages again, with the priority that it has now.</summary>
    Reinstate,

    /// <summary>A retired area, of which no slot is in use, goes.</summary>
    SwapOff,
}

/// <summary>A question about swap.</summary>
/// <param name="Kind">What.</param>
/// <param name="Entry">About which entry; of no meaning for Allocate.</param>
/// <param name="Page">Allocate, Cache: the frame.</param>
/// <param name="Cpu">Allocate: the CPU that asks.</param>
/// <param name="Area">SwapOn, Reinstate: the area.</param>
public readonly record struct SwapStep(
    SwapQuestion Kind, SwapEntry Entry, Pfn Page = default, int Cpu = 0, SwapAreaSettings? Area = null);

/// <summary>An answer of swap.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Page">The frame in the swap cache, if any.</param>
/// <param name="Freed">Whether the slot is free now; of Find, whether it is.</param>
public readonly record struct SwapAnswer(SwapEntry Entry, Pfn Page, bool Freed);

/// <summary>
/// What the kernel and the owner of swap exchange: a batch of questions, answered in order. One object, used for the
/// whole run.
/// </summary>
public sealed class SwapExchange
{
    /// <summary>The exchange's number: the kernel's own count.</summary>
    public long Number { get; set; }

    /// <summary>Answer: its number, the owner's own count.</summary>
    public long AnswerNumber { get; set; }

    /// <summary>Answer: exchanges that came to the owner after later ones, since the start of the run.</summary>
    public long Overtaken { get; set; }

    /// <summary>Whether the audit asks for every slot in use and every page of the swap cache as well.</summary>
    public bool WantsExport { get; set; }

    /// <summary>The questions.</summary>
    public List<SwapStep> Steps { get; } = [];

    /// <summary>The answers, one for each question.</summary>
    public List<SwapAnswer> Answers { get; } = [];

    /// <summary>Answer to an export: the slots in use, by area and slot.</summary>
    public List<SwapSlotUse> Exported { get; } = [];

    /// <summary>Answer: slots that hold no page.</summary>
    public long FreeSlots { get; set; }

    /// <summary>Answer: slots that hold a page, by area.</summary>
    public List<uint> UsedSlots { get; } = [];
}

/// <summary>A slot that is in use.</summary>
/// <param name="Entry">The slot.</param>
/// <param name="Count">Page-table entries that name it, as the swap map counts.</param>
/// <param name="IsCached">Whether the swap map says that the swap cache holds it.</param>
/// <param name="Page">The page in the swap cache, or none.</param>
public readonly record struct SwapSlotUse(SwapEntry Entry, int Count, bool IsCached, Pfn Page);
