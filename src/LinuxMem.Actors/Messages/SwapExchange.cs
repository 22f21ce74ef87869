using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Swap;

namespace LinuxMem.Actors.Messages;

/// <summary>What the kernel asks of swap.</summary>
public enum SwapQuestion
{
    /// <summary>
    /// A slot for a page that leaves, which goes into the swap cache; the answer has the entry, or none.
    /// </summary>
    Allocate,

    /// <summary>One more page-table entry names a slot.</summary>
    Duplicate,

    /// <summary>A page-table entry names a slot no more; the answer says whether that freed it.</summary>
    Put,

    /// <summary>The page of an entry in the swap cache; the answer has the frame, or none.</summary>
    Find,

    /// <summary>A page that came back goes into the swap cache.</summary>
    Cache,

    /// <summary>A page leaves the swap cache; the answer has the frame, and whether that freed the slot.</summary>
    Uncache,
}

/// <summary>A question about swap.</summary>
/// <param name="Kind">What.</param>
/// <param name="Entry">About which entry; of no meaning for Allocate.</param>
/// <param name="Page">Allocate, Cache: the frame.</param>
/// <param name="Cpu">Allocate: the CPU that asks.</param>
public readonly record struct SwapStep(SwapQuestion Kind, SwapEntry Entry, Pfn Page, int Cpu);

/// <summary>An answer of swap.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Page">The frame in the swap cache, if any.</param>
/// <param name="Freed">Whether the slot is free now.</param>
public readonly record struct SwapAnswer(SwapEntry Entry, Pfn Page, bool Freed);

/// <summary>
/// The message between the kernel and swap, both ways: a batch of questions, answered in order. One object, used for
/// the whole run.
/// </summary>
public sealed class SwapExchange
{
    /// <summary>The questions; the receiver of the answers empties it.</summary>
    public List<SwapStep> Steps { get; } = [];

    /// <summary>The answers, one for each question.</summary>
    public List<SwapAnswer> Answers { get; } = [];
}
