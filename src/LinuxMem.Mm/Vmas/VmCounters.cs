namespace LinuxMem.Mm.Vmas;

/// <summary>
/// Pages of an address space by use: what /proc/PID/statm and status show, and what limits are checked against.
/// </summary>
/// <remarks>
/// Linux: mm/mmap.c: vm_stat_account, and mm_struct total_vm, exec_vm, stack_vm, data_vm, locked_vm, v6.18.
/// </remarks>
public record struct VmCounters
{
    /// <summary>All pages (VmSize).</summary>
    public ulong TotalPages { get; private set; }

    /// <summary>Executable, not writable, not stack (VmExe and VmLib).</summary>
    public ulong ExecPages { get; private set; }

    /// <summary>Stack (VmStk).</summary>
    public ulong StackPages { get; private set; }

    /// <summary>Private, writable, not stack (VmData).</summary>
    public ulong DataPages { get; private set; }

    /// <summary>Locked by mlock (VmLck).</summary>
    public ulong LockedPages { get; private set; }

    /// <summary>Charged against the commit limit (VM_ACCOUNT).</summary>
    public ulong AccountedPages { get; private set; }

    /// <summary>Counts pages that a VMA of these flags gained.</summary>
    public void Add(VmFlags flags, ulong pages) => Change(flags, pages);

    /// <summary>Counts pages that a VMA of these flags lost.</summary>
    public void Remove(VmFlags flags, ulong pages) => Change(flags, unchecked(0 - pages));

    // Adding the two's complement subtracts, so both directions share one reading of the flags.
    private void Change(VmFlags flags, ulong delta)
    {
        TotalPages += delta;
        if ((flags & (VmFlags.Exec | VmFlags.Write | VmFlags.GrowsDown)) == VmFlags.Exec)
            ExecPages += delta;
        else if ((flags & VmFlags.GrowsDown) != 0)
            StackPages += delta;
        else if ((flags & (VmFlags.Write | VmFlags.Shared)) == VmFlags.Write)
            DataPages += delta;
        if ((flags & VmFlags.Locked) != 0)
            LockedPages += delta;
        if ((flags & VmFlags.Account) != 0)
            AccountedPages += delta;
    }
}
