using LinuxMem.Abi;

namespace LinuxMem.Workloads.Reboots;

/// <summary>Reads files from the first byte to the last, and looks at each word that it has read.</summary>
/// <param name="files">By path.</param>
internal sealed class ReadBackProgram(IReadOnlyList<(string Path, ExternalFile File)> files) : IProgram
{
    private const ulong Buffer = 0x20_0000_0000;
    private const uint BufferBytes = 64 << 10;
    private const ulong AtCwd = unchecked((ulong)-100);
    private int file = -1;
    private ulong offset;
    private ulong fd;
    private Step step = Step.Map;

    private enum Step
    {
        Map,
        Mapped,
        Opened,
        Read,
    }

    /// <inheritdoc/>
    public string Comm => "fsck";

    /// <inheritdoc/>
    public ImageSpec Image => ImageSpec.Empty;

    /// <summary>What went wrong; null if nothing did.</summary>
    public string? Failure { get; private set; }

    /// <inheritdoc/>
    public void Start(in ProgramStart start)
    {
    }

    /// <inheritdoc/>
    public void Next(AccessBatch batch, in SyscallResult last)
    {
        if (last.Value < 0)
            Failure ??= $"{(file < 0 ? "mmap" : files[file].Path)}: {(Errno)(-last.Value)}";
        switch (step)
        {
            case Step.Map:
                step = Step.Mapped;
                batch.SetCall(Call(SyscallNr.Mmap, Buffer, BufferBytes, (ulong)(ProtFlags.Read | ProtFlags.Write),
                    (ulong)(MapFlags.Private | MapFlags.Anonymous | MapFlags.Fixed), ulong.MaxValue, null));
                return;
            case Step.Opened:
                fd = (ulong)last.Value;
                break;
            case Step.Read when last.Value > 0:
                offset += (ulong)last.Value;
                batch.AddRun(AccessKind.Read, Buffer, 8, (int)(((ulong)last.Value + 7) / 8));
                break;
            case Step.Read when last.Value == 0:
                Failure ??= $"{files[file].Path} ends at byte {offset}";
                break;
        }

        if (Failure is null && step is Step.Opened or Step.Read && offset < files[file].File.SizeBytes)
        {
            step = Step.Read;
            batch.SetCall(Call(SyscallNr.Pread64, fd, Buffer, BufferBytes, offset, 0, null));
            return;
        }

        if (Failure is not null || ++file >= files.Count)
        {
            batch.SetCall(Call(SyscallNr.ExitGroup, 0, 0, 0, 0, 0, null));
            return;
        }

        step = Step.Opened;
        offset = 0;
        batch.SetCall(Call(SyscallNr.Openat, AtCwd, 0, 0, 0, 0, new SyscallOperands
        {
            Path = files[file].Path,
            External = files[file].File,
        }));
    }

    private static SyscallRequest Call(
        SyscallNr nr, ulong a0, ulong a1, ulong a2, ulong a3, ulong a4, SyscallOperands? operands) => new()
        {
            Nr = nr,
            A0 = a0,
            A1 = a1,
            A2 = a2,
            A3 = a3,
            A4 = a4,
            Operands = operands,
        };
}
