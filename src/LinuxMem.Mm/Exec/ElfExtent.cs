using LinuxMem.Arch.Paging;

namespace LinuxMem.Mm.Exec;

/// <summary>What the segments of a file that were mapped so far span; real addresses.</summary>
public struct ElfExtent
{
    /// <summary>First page.</summary>
    public ulong Start { get; private set; }

    /// <summary>Address behind the last byte, bss included (elf_brk).</summary>
    public ulong End { get; private set; }

    /// <summary>First address of executable segments.</summary>
    public ulong StartCode { get; private set; }

    /// <summary>Address behind what the file holds of them.</summary>
    public ulong EndCode { get; private set; }

    /// <summary>First address of the segment that lies highest.</summary>
    public ulong StartData { get; private set; }

    /// <summary>Address behind what the file holds of the highest.</summary>
    public ulong EndData { get; private set; }

    private bool isAny;

    /// <summary>Takes a segment in. False for one that reaches beyond user space.</summary>
    public bool TryAdd(in ElfSegment segment, ulong bias, PagingGeometry geometry)
    {
        ulong limit = geometry.TaskSize;
        if (segment.FileBytes > segment.MemoryBytes || segment.Address >= limit || segment.MemoryBytes > limit
            || limit - segment.MemoryBytes < segment.Address)
            return false;
        ulong start = bias + segment.Address;
        ulong fileEnd = start + segment.FileBytes;
        if ((segment.Prot & Abi.ProtFlags.Exec) != 0)
        {
            StartCode = StartCode == 0 ? start : Math.Min(StartCode, start);
            EndCode = Math.Max(EndCode, fileEnd);
        }

        StartData = Math.Max(StartData, start);
        EndData = Math.Max(EndData, fileEnd);
        End = Math.Max(End, start + segment.MemoryBytes);
        ulong page = start & ~geometry.PageOffsetMask;
        Start = isAny ? Math.Min(Start, page) : page;
        isAny = true;
        return true;
    }
}
