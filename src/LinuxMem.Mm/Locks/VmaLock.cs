using LinuxMem.Simulation.Locks;

namespace LinuxMem.Mm.Locks;

/// <summary>The lock of a VMA: faults share it; who changes the VMA waits for them and then keeps them off.</summary>
/// <remarks>Linux: include/linux/mmap_lock.h: vma_start_read, vma_start_write, v6.18.</remarks>
public sealed class VmaLock
{
    /// <summary>Its count's cache line.</summary>
    public CacheLine Line { get; } = new();

    /// <summary>The last moment at which a reader has it.</summary>
    public long ReadUntilNs { get; set; }

    /// <summary>Until when the mmap_lock is held by who marked the VMA as being written.</summary>
    public long WrittenUntilNs { get; set; }

    /// <summary>The reader that has it longest.</summary>
    public LockHolder Reader { get; set; }
}
