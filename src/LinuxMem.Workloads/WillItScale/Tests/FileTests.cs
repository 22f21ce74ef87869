using LinuxMem.Abi;

namespace LinuxMem.Workloads.WillItScale.Tests;

/// <summary>A test with a file of its own.</summary>
internal abstract class FileTask : ScaleTask
{
    private protected ulong Descriptor { get; private set; }

    private protected bool Open(bool onTmpfs) => Call(SyscallNr.Openat,
        unchecked((ulong)-100), // AT_FDCWD
        0,
        0x42, // O_RDWR | O_CREAT
        0x180,
        operands: new SyscallOperands
        {
            Path = $"/tmp/willitscale.{Number}",
            External = onTmpfs ? new ExternalFile(ExternalKind.Regular, OnTmpfs: true) : null,
        });

    private protected void Opened() => Descriptor = Result;
}

/// <summary>fallocate1: gives a file on tmpfs 8 KiB at a time, and takes all of it back at 1 MiB.</summary>
internal sealed class Fallocate1 : FileTask
{
    private const ulong FileBytes = 1UL << 20;
    private const ulong PartBytes = FileBytes / 128;

    private protected override IEnumerator<bool> Prepare()
    {
        yield return Open(onTmpfs: true);
        Opened();
    }

    private protected override IEnumerator<bool> Run()
    {
        while (true)
        {
            for (ulong place = 0; place < FileBytes; place += PartBytes)
            {
                yield return Call(SyscallNr.Fallocate, Descriptor, 0, place, PartBytes);
                Operations++;
            }

            yield return Call(SyscallNr.Ftruncate, Descriptor, 0);
        }
    }
}

/// <summary>pread1: reads the same 4 KiB of a file again and again.</summary>
internal sealed class Pread1 : FileTask
{
    private const ulong BufferBytes = 4096;
    private ulong buffer;

    private protected override IEnumerator<bool> Prepare()
    {
        yield return Mmap(BufferBytes);
        buffer = Result;
        yield return Open(onTmpfs: false);
        Opened();
        yield return Call(SyscallNr.Pwrite64, Descriptor, buffer, BufferBytes, 0);
    }

    private protected override IEnumerator<bool> Run()
    {
        while (true)
        {
            yield return Call(SyscallNr.Pread64, Descriptor, buffer, BufferBytes, 0);
            Operations++;
        }
    }
}
