namespace LinuxMem.Mm.Filemap;

// Pages whose contents the disk does not have, though nobody will write them any more.
public sealed partial class FilePages
{
    private readonly HashSet<(int Mapping, uint Index)> lost = [];

    /// <summary>
    /// A page's contents have not reached the disk, and nobody will write them again: what is there comes back when the
    /// page has left memory.
    /// </summary>
    public void NoteLost(AddressSpace mapping, uint index) => lost.Add((mapping.Id, index));

    /// <summary>
    /// A dirty page is about to be dropped: what is new in it is lost, and so is a block that was only promised.
    /// </summary>
    public void Lose(AddressSpace mapping, uint index)
    {
        NoteLost(mapping, index);
        if (mapping.Host is { } inode && !inode.Extents.TryFind(index, out _))
            inode.Blocks.Cut(index, index + 1UL);
    }

    /// <summary>Whether a page's contents have not reached the disk, though it is clean.</summary>
    public bool IsLost(int mapping, uint index) => lost.Count > 0 && lost.Contains((mapping, index));

    /// <summary>A page's contents are on the disk.</summary>
    public void NoteWritten(AddressSpace mapping, uint index)
    {
        if (lost.Count > 0)
            lost.Remove((mapping.Id, index));
    }
}
