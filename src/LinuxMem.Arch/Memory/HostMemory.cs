using System.ComponentModel;
using System.Runtime.InteropServices;

namespace LinuxMem.Arch.Memory;

/// <summary>
/// A range of host memory that reads as zero and costs nothing until it is touched. Simulated RAM and mem_map live in
/// such ranges, so that a machine of a terabyte starts at once and takes as much of the host as the simulation has
/// used.
/// </summary>
public sealed unsafe class HostMemory : IDisposable
{
    private const int ProtReadWrite = 3;
    private const int MapPrivate = 2;
    private const int MapAnonymousLinux = 0x20;
    private const int MapAnonymousMac = 0x1000;
    private const int MapNoReserveLinux = 0x4000;
    private const int MapNoReserveMac = 0x40;
    private const int DontNeedLinux = 4;
    private const int HugePageLinux = 14;

    // A host page of 2 MiB costs as much as some hundred small ones to clear: not for the machines of small tests.
    private const ulong HugeFromBytes = 256UL << 20;

    private nint address;

    /// <summary>Reserves <paramref name="bytes"/> bytes, page-aligned.</summary>
    /// <exception cref="OutOfMemoryException">The host refuses the range.</exception>
    public HostMemory(ulong bytes)
    {
        ArgumentOutOfRangeException.ThrowIfZero(bytes);
        Bytes = bytes;
        if (OperatingSystem.IsWindows())
        {
            address = (nint)NativeMemory.AllocZeroed((nuint)bytes);
            return;
        }

        bool mac = OperatingSystem.IsMacOS();
        int flags = MapPrivate | (mac ? MapAnonymousMac | MapNoReserveMac : MapAnonymousLinux | MapNoReserveLinux);
        address = Mmap(0, (nuint)bytes, ProtReadWrite, flags, -1, 0);
        if (address == -1)
        {
            address = 0;
            string reason = new Win32Exception(Marshal.GetLastPInvokeError()).Message;
            throw new OutOfMemoryException($"the host does not reserve {bytes} bytes of address space: {reason}");
        }

        // What is touched of simulated RAM lies together, by pageblocks of 2 MiB. A host that refuses is as good.
        if (!mac && bytes >= HugeFromBytes)
            _ = Madvise(address, (nuint)bytes, HugePageLinux);
    }

    /// <summary>Size in bytes.</summary>
    public ulong Bytes { get; }

    /// <summary>The first byte.</summary>
    public byte* Base => (byte*)address;

    /// <summary>
    /// Makes a page-aligned part read as zero again, and gives its memory back to the host where that can be done.
    /// </summary>
    public void Discard(ulong offset, ulong bytes)
    {
        if (!OperatingSystem.IsLinux() || Madvise(address + (nint)offset, (nuint)bytes, DontNeedLinux) != 0)
            NativeMemory.Clear((void*)(address + (nint)offset), (nuint)bytes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        nint old = Interlocked.Exchange(ref address, 0);
        if (old == 0)
            return;
        if (OperatingSystem.IsWindows())
            NativeMemory.Free((void*)old);
        else
            _ = Munmap(old, (nuint)Bytes);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives the range back when a machine was dropped without being disposed.</summary>
    ~HostMemory() => Dispose();

    [DllImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static extern nint Mmap(nint addr, nuint length, int prot, int flags, int fd, nint offset);

    [DllImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static extern int Munmap(nint addr, nuint length);

    [DllImport("libc", EntryPoint = "madvise", SetLastError = true)]
    private static extern int Madvise(nint addr, nuint length, int advice);
}
