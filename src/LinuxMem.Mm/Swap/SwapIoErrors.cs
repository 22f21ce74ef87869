using System.Globalization;
using LinuxMem.Mm.Block;
using LinuxMem.Mm.Oom;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Swap;

/// <summary>Tells of I/Os of swap that have failed.</summary>
/// <remarks>Linux: mm/page_io.c: __end_swap_bio_write, __end_swap_bio_read, v6.18.</remarks>
/// <param name="log">The kernel's log.</param>
/// <param name="disks">The machine's disks.</param>
public sealed class SwapIoErrors(KernelLog log, IReadOnlyList<BlockDeviceSettings> disks)
{
    private readonly PrintLimit writes = new(log, "__end_swap_bio_write");
    private readonly PrintLimit reads = new(log, "__end_swap_bio_read");

    /// <summary>One has failed.</summary>
    public void Tell(PageIo io, long atNs)
    {
        bool isWrite = io.Op == BlockOp.Write;
        (int major, int minor) = DiskNumbers.Of(disks[io.Device].Name, io.Device);
        (isWrite ? writes : reads).Print(atNs, string.Create(CultureInfo.InvariantCulture,
            $"{(isWrite ? "Write" : "Read")}-error on swap-device ({major}:{minor}:{io.Sector})"));
    }
}
