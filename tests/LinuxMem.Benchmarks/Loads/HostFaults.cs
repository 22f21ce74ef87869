using System.Runtime.InteropServices;
using LinuxMem.Benchmarks.Measuring;

namespace LinuxMem.Benchmarks.Loads;

/// <summary>What a first touch costs on the host itself: anonymous memory, small pages, one thread.</summary>
internal static unsafe class HostFaults
{
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;
    private const int NoHugePages = 15;

    /// <summary>Faults a second; NaN where the host is no Linux.</summary>
    public static double PerSecond(int pages)
    {
        if (!OperatingSystem.IsLinux())
            return double.NaN;
        return pages / Measure.Best(3, () => Touch(pages));
    }

    private static double Touch(int pages)
    {
        nuint bytes = (nuint)pages << 12;
        nint memory = Mmap(0, bytes, ReadWrite, PrivateAnonymous, -1, 0);
        if (memory == -1)
            throw new InvalidOperationException("the host gives no memory");
        _ = Madvise(memory, bytes, NoHugePages);
        double seconds = Measure.Seconds(() =>
        {
            for (int page = 0; page < pages; page++)
                ((byte*)memory)[(long)page << 12] = 1;
        });
        _ = Munmap(memory, bytes);
        return seconds;
    }

    [DllImport("libc", EntryPoint = "mmap")]
    private static extern nint Mmap(nint addr, nuint length, int prot, int flags, int fd, nint offset);

    [DllImport("libc", EntryPoint = "munmap")]
    private static extern int Munmap(nint addr, nuint length);

    [DllImport("libc", EntryPoint = "madvise")]
    private static extern int Madvise(nint addr, nuint length, int advice);
}
