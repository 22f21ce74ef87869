using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Vfs;

/// <summary>Gives out the blocks of the disk that the file system lies on.</summary>
/// <remarks>
/// A file of the world outside gets one run of blocks when it is first seen, pages that are written get theirs when
/// they go to the disk (delayed allocation), neighbours in one run. Blocks are given out in order and from the start of
/// the disk again at its end: which are free is not kept, and the disk is never full. Metadata lies as mke2fs -t ext4
/// puts it: sixteen block groups of 8 blocks a byte of a block form a flexible group, which begins with the bitmaps and
/// inodes of all of them (in the first one behind the superblock and the group descriptors); there is an inode of 256
/// bytes for every 16 KiB.
/// </remarks>
public sealed class DiskLayout
{
    /// <summary>The block of the group descriptors, behind the superblock.</summary>
    public const uint DescriptorBlock = 1;

    private const uint GroupsTogether = 16;
    private const uint HeadBlocks = 2;
    private const uint InodeBytes = 256;
    private const uint BytesPerInode = 16 << 10;
    private readonly uint groupBlocks;
    private readonly uint groups;
    private readonly uint inodesTogether;
    private readonly uint inodesPerBlock;
    private readonly uint metadataBlocks;
    private ulong next;

    /// <summary>Of a disk.</summary>
    /// <param name="device">Its place in the machine's list.</param>
    /// <param name="settings">What it is.</param>
    /// <param name="sectorsPerPage">Sectors of a page, which is a block.</param>
    public DiskLayout(int device, BlockDeviceSettings settings, uint sectorsPerPage)
    {
        Device = device;
        SectorsPerPage = sectorsPerPage;
        Blocks = settings.Sectors / sectorsPerPage;
        RunPagesMax = Math.Max(1, settings.MaxRequestSectors / sectorsPerPage);
        uint blockBytes = sectorsPerPage * BlockDeviceSettings.SectorBytes;
        groupBlocks = 8 * blockBytes;
        groups = (uint)Math.Min(GroupsTogether, (Blocks + groupBlocks - 1) / groupBlocks);
        ulong together = Math.Min(Blocks, (ulong)groupBlocks * GroupsTogether);
        inodesPerBlock = blockBytes / InodeBytes;
        inodesTogether = (uint)Math.Max(inodesPerBlock, together * blockBytes / BytesPerInode);
        uint tableBlocks = (inodesTogether + inodesPerBlock - 1) / inodesPerBlock;
        metadataBlocks = HeadBlocks + (2 * groups) + tableBlocks;
        next = metadataBlocks;
    }

    /// <summary>Blocks of the disk.</summary>
    public ulong Blocks { get; }

    /// <summary>The disk's place in the machine's list.</summary>
    public int Device { get; }

    /// <summary>Sectors of a page.</summary>
    public uint SectorsPerPage { get; }

    /// <summary>The most pages of one I/O.</summary>
    public uint RunPagesMax { get; }

    /// <summary>The block that a sector belongs to.</summary>
    public uint BlockOf(ulong sector) => (uint)(sector / SectorsPerPage);

    /// <summary>The block of the bitmap that says whether a block is in use.</summary>
    public uint BlockBitmapBlock(uint block)
    {
        uint together = groupBlocks * GroupsTogether;
        return (block / together * together) + HeadBlocks + (block % together / groupBlocks);
    }

    /// <summary>The block of the bitmap that says whether an inode is in use.</summary>
    public uint InodeBitmapBlock(int number)
    {
        (uint start, uint within) = InodePlace(number);
        return start + HeadBlocks + groups + (within / Math.Max(1, inodesTogether / groups));
    }

    /// <summary>The block that an inode lies in.</summary>
    public uint InodeBlock(int number)
    {
        (uint start, uint within) = InodePlace(number);
        return start + HeadBlocks + (2 * groups) + (within / inodesPerBlock);
    }

    /// <summary>
    /// The first sector of a run of so many pages, fewer if metadata or the end of the disk comes before: <paramref
    /// name="pages"/> says.
    /// </summary>
    public ulong Allocate(ref uint pages)
    {
        ulong together = (ulong)groupBlocks * GroupsTogether;
        if (next % together < metadataBlocks)
            next += metadataBlocks - (next % together);
        if (next >= Blocks)
            next = metadataBlocks;
        ulong end = Math.Min(Blocks, (next / together * together) + together);
        pages = (uint)Math.Min(pages, end - next);
        ulong first = next * SectorsPerPage;
        next += pages;
        return first;
    }

    // The first block of the groups that an inode belongs to, and its number among theirs.
    private (uint Start, uint Within) InodePlace(int number)
    {
        ulong together = (ulong)groupBlocks * GroupsTogether;
        ulong set = (uint)number / inodesTogether;
        // Once the disk has no more groups, numbers begin again.
        set %= Math.Max(1, Blocks / together);
        return ((uint)(set * together), (uint)number % inodesTogether);
    }

    /// <summary>Gives pages of a file that lie nowhere a place on the disk.</summary>
    public void Place(ExtentMap extents, uint first, uint pages)
    {
        while (pages > 0)
        {
            uint run = pages;
            ulong sector = Allocate(ref run);
            extents.Add(first, run, sector);
            first += run;
            pages -= run;
        }
    }
}
