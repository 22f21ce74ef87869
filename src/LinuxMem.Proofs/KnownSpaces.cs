using LinuxMem.Proofs.Search;
using LinuxMem.Proofs.Structures;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Proofs;

/// <summary>The structures whose states can all be visited, by name.</summary>
public static class KnownSpaces
{
    /// <summary>A structure: its name, what it is in a few words, and how it is made, perhaps with a planted
    /// bug.</summary>
    public sealed record Entry(string Name, string Summary, Func<Mutant, IStateSpace> Make);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Entry> All { get; } =
    [
        new("buddy", "the buddy system over 16 frames, order of the free lists included",
            one => new BuddySpace(4, one)),
        new("buddy8", "the same over 8 frames", one => new BuddySpace(3, one)),
        new("vmas", "VMAs of private memory over 6 pages, with their anon_vmas",
            one => new VmaSpace(VmaSpaceKind.Private, one)),
        new("file-vmas", "VMAs of a file, at two offsets, over 6 pages",
            one => new VmaSpace(VmaSpaceKind.File, one)),
        new("vma-rights", "VMAs of untouched private memory with three kinds of rights over 6 pages",
            one => new VmaSpace(VmaSpaceKind.Rights, one)),
    ];

    /// <summary>One by name; null if there is none.</summary>
    public static Entry? Find(string? name) => All.FirstOrDefault(one => one.Name == name);
}
