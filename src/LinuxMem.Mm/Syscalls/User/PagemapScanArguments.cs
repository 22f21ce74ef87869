using LinuxMem.Abi;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>What PAGEMAP_SCAN is asked for (struct pm_scan_arg).</summary>
/// <remarks>Linux: include/uapi/linux/fs.h; fs/proc/task_mmu.c: pagemap_scan_get_args, v6.18.</remarks>
internal sealed class PagemapScanArguments
{
    /// <summary>64-bit words of the structure.</summary>
    internal const int Words = 12;

    /// <summary>Where in the structure the end of the walk is answered, in bytes.</summary>
    internal const ulong WalkEndOffset = 32;

    /// <summary>Bytes of a range that is answered (struct page_region).</summary>
    internal const ulong RegionBytes = 24;

    private const ulong ProtectFlag = 1, CheckFlag = 2;
    private const ulong Categories = 0x1ff;
    private readonly ulong flags;
    private readonly ulong size;
    private readonly ulong pageMask;

    /// <summary>From the words of the structure.</summary>
    internal PagemapScanArguments(ulong[] words, ulong pageMask)
    {
        this.pageMask = pageMask;
        size = words[0];
        flags = words[1];
        Start = words[2];
        End = words[3];
        Vec = words[5];
        VecLength = words[6];
        PagesMax = words[7] == 0 ? ulong.MaxValue : words[7];
        Inverted = words[8];
        Mask = words[9];
        AnyOf = words[10];
        Returned = words[11];
    }

    /// <summary>Where the walk begins.</summary>
    internal ulong Start { get; }

    /// <summary>Where it ends at the latest; whole pages, once checked.</summary>
    internal ulong End { get; private set; }

    /// <summary>Where ranges are written; 0 for nowhere.</summary>
    internal ulong Vec { get; }

    /// <summary>How many ranges there is room for.</summary>
    internal ulong VecLength { get; }

    /// <summary>How many pages may be told of.</summary>
    internal ulong PagesMax { get; }

    /// <summary>Categories that count as had when a page has them not.</summary>
    internal ulong Inverted { get; }

    /// <summary>Categories that a page must have, all of them.</summary>
    internal ulong Mask { get; }

    /// <summary>Categories of which it must have one; 0 for any page.</summary>
    internal ulong AnyOf { get; }

    /// <summary>Categories that are told.</summary>
    internal ulong Returned { get; }

    /// <summary>Whether what is told of is write-protected too (PM_SCAN_WP_MATCHING).</summary>
    internal bool Protects => (flags & ProtectFlag) != 0;

    /// <summary>Whether mappings that cannot be protected are an error (PM_SCAN_CHECK_WPASYNC).</summary>
    internal bool ChecksProtection => (flags & CheckFlag) != 0;

    /// <summary>EINVAL: size, flags, categories, a start within a page, no room given; EFAULT: addresses.</summary>
    internal Errno Check(Func<ulong, ulong, bool> isUserRange)
    {
        if (size != Words * 8 || (flags & ~(ProtectFlag | CheckFlag)) != 0
            || ((Inverted | Mask | AnyOf | Returned) & ~Categories) != 0 || (Start & pageMask) != 0)
            return Errno.EINVAL;
        if (!isUserRange(Start, End - Start))
            return Errno.EFAULT;
        if (Vec == 0 && VecLength > 0)
            return Errno.EINVAL;
        ulong bytes = VecLength > ulong.MaxValue / RegionBytes ? ulong.MaxValue : VecLength * RegionBytes;
        if (Vec != 0 && !isUserRange(Vec, bytes))
            return Errno.EFAULT;
        End = (End + pageMask) & ~pageMask;
        return Errno.None;
    }

    /// <summary>Whether a page of these categories is meant.</summary>
    internal bool Concerns(ulong categories)
    {
        categories ^= Inverted;
        return (categories & Mask) == Mask && (AnyOf == 0 || (categories & AnyOf) != 0);
    }

    /// <summary>Whether a mapping can have pages that are meant, by what is said of it as a whole.</summary>
    internal bool ConcernsMapping(ulong categories)
    {
        ulong needed = Mask & PageCategory.WpAllowed;
        return ((categories ^ Inverted) & needed) == needed;
    }
}
