namespace LinuxMem.Mm.Block;

/// <summary>The numbers that Linux gives out to disks: SCSI disks, NVMe drives, virtual disks.</summary>
public static class DiskNumbers
{
    /// <summary>Major and minor number of the whole disk of a name that is the machine's so manieth.</summary>
    public static (int Major, int Minor) Of(string name, int disk)
    {
        if (name.StartsWith("nvme", StringComparison.Ordinal))
            return (259, disk);
        return (name.StartsWith("sd", StringComparison.Ordinal) ? 8 : 254, disk * 16);
    }
}
