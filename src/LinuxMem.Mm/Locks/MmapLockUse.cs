namespace LinuxMem.Mm.Locks;

/// <summary>How a system call uses the mmap_lock of its address space.</summary>
public enum MmapLockUse : byte
{
    /// <summary>Not at all, or only for page faults on the way.</summary>
    None,

    /// <summary>The lock of one VMA, for reading; mmap_lock where the range is not within one.</summary>
    Vma,

    /// <summary>For reading.</summary>
    Read,

    /// <summary>For writing.</summary>
    Write,

    /// <summary>For writing, and from when the mappings are gone for reading, while pages are unmapped.</summary>
    WriteThenRead,
}
