using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Vfs;

/// <summary>Gives out the blocks of the disk that the file system lies on.</summary>
/// <remarks>
/// A file of the world outside gets one run of blocks when it is first seen, pages that are written get theirs when
/// they go to the disk (delayed allocation), neighbours in one run. Blocks are given out in order and from the start of
/// the disk again at its end: which are free is not kept, and the disk is never full. The first sectors are the
/// superblock's and the group descriptors'.
/// </remarks>
public sealed class DiskLayout
{
    /// <summary>Sectors before the first block that is given out: 1 MiB.</summary>
    public const ulong FirstSector = 2048;

    private readonly ulong sectors;
    private ulong next = FirstSector;

    /// <summary>Of a disk.</summary>
    /// <param name="device">Its place in the machine's list.</param>
    /// <param name="settings">What it is.</param>
    /// <param name="sectorsPerPage">Sectors of a page.</param>
    public DiskLayout(int device, BlockDeviceSettings settings, uint sectorsPerPage)
    {
        Device = device;
        SectorsPerPage = sectorsPerPage;
        sectors = settings.Sectors;
        RunPagesMax = Math.Max(1, settings.MaxRequestSectors / sectorsPerPage);
    }

    /// <summary>The disk's place in the machine's list.</summary>
    public int Device { get; }

    /// <summary>Sectors of a page.</summary>
    public uint SectorsPerPage { get; }

    /// <summary>The most pages of one I/O.</summary>
    public uint RunPagesMax { get; }

    /// <summary>
    /// The first sector of a run of so many pages, fewer if the disk ends before: <paramref name="pages"/> says.
    /// </summary>
    public ulong Allocate(ref uint pages)
    {
        if (next + SectorsPerPage > sectors)
            next = FirstSector;
        pages = (uint)Math.Min(pages, (sectors - next) / SectorsPerPage);
        ulong first = next;
        next += pages * (ulong)SectorsPerPage;
        return first;
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
