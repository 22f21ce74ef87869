using LinuxMem.Abi;

namespace LinuxMem.Workloads.Programs.Steps;

/// <summary>Opens a file for reading and writing; makes it if there is none.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Name">The name by which later steps know it.</param>
public sealed record OpenStep(string Path, string Name) : CallStep
{
    /// <summary>
    /// The size of a file that the disk has from before; null if there is none, and an empty one is made.
    /// </summary>
    public ulong? ExistingBytes { get; init; }

    private protected override SyscallRequest Call(StepContext context) => new()
    {
        Nr = SyscallNr.Openat,
        A0 = unchecked((ulong)-100), // AT_FDCWD
        A2 = 0x42, // O_RDWR | O_CREAT
        A3 = 0x1a4,
        Operands = new SyscallOperands
        {
            Path = Path,
            External = ExistingBytes is { } bytes ? new ExternalFile(ExternalKind.Regular, bytes) : null,
        },
    };

    private protected override void Succeeded(StepContext context, long value) => context.Files[Name] = value;
}

/// <summary>What a step does with a file that is open.</summary>
public enum FileCall
{
    /// <summary>close.</summary>
    Close,

    /// <summary>fsync.</summary>
    Fsync,

    /// <summary>posix_fadvise(POSIX_FADV_DONTNEED) of all of it.</summary>
    Forget,
}

/// <summary>A call on an open file.</summary>
/// <param name="File">Its name.</param>
/// <param name="What">Which call.</param>
public sealed record FileCallStep(string File, FileCall What) : CallStep
{
    private protected override SyscallRequest Call(StepContext context) => new()
    {
        Nr = What switch
        {
            FileCall.Close => SyscallNr.Close,
            FileCall.Fsync => SyscallNr.Fsync,
            _ => SyscallNr.Fadvise64,
        },
        A0 = context.FileNamed(File),
        A3 = What == FileCall.Forget ? 4UL : 0,
    };
}

/// <summary>
/// Reads or writes a file part by part: in order from where it stood, or from an offset, or at random places. The bytes
/// come from and go to a region, or nowhere in the program's memory.
/// </summary>
/// <param name="File">Its name.</param>
/// <param name="Writes">Whether it writes.</param>
/// <param name="Bytes">How many in all.</param>
/// <param name="PartBytes">How many in one call.</param>
public sealed record FileIoStep(string File, bool Writes, ulong Bytes, ulong PartBytes) : Step
{
    /// <summary>Where it begins; null for where the last read or write ended.</summary>
    public ulong? Offset { get; init; }

    /// <summary>Bytes of the file in which parts are chosen at random; null reads or writes in order.</summary>
    public ulong? RandomWithin { get; init; }

    /// <summary>The region that the bytes go to or come from, from its start on; null for none.</summary>
    public string? Region { get; init; }

    private static SyscallOperands Operands { get; } = new() { BuffersUnknown = true };

    private static SyscallOperands InMemory { get; } = new();

    internal override bool Advance(StepContext context, AccessBatch batch)
    {
        if (context.Phase > 0 && context.Last.Errno != Errno.None)
        {
            context.Judge(context.Last.Errno, Errno.None);
            return true;
        }

        ulong done = context.Phase * PartBytes;
        bool ended = context.Phase > 0 && !Writes && RandomWithin is null && context.Last.Value == 0;
        if (done >= Bytes || ended)
            return true;
        ulong count = Math.Min(PartBytes, Bytes - done);
        ulong? at = RandomWithin is { } within
            ? context.Draw(Math.Max(1, within / PartBytes)) * PartBytes : Offset + done;
        SyscallNr nr = Writes
            ? at is null ? SyscallNr.Write : SyscallNr.Pwrite64 : at is null ? SyscallNr.Read : SyscallNr.Pread64;
        batch.SetCall(new SyscallRequest
        {
            Nr = nr,
            A0 = context.FileNamed(File),
            A1 = Region is null ? 0 : context.Regions.Find(Region).Start + done,
            A2 = count,
            A3 = at ?? 0,
            Operands = Region is null ? Operands : InMemory,
        });
        context.Phase++;
        return false;
    }
}

/// <summary>sync.</summary>
public sealed record SyncStep : CallStep
{
    private protected override SyscallRequest Call(StepContext context) => new() { Nr = SyscallNr.Sync };
}

/// <summary>
/// Writes a number to a file of /proc/sys/vm: to drop_caches, so that the clean pages of all files go, or to
/// compact_memory.
/// </summary>
/// <param name="Path">The file.</param>
/// <param name="Number">The number.</param>
public sealed record WriteSysctlStep(string Path, int Number) : Step
{
    internal override bool Advance(StepContext context, AccessBatch batch)
    {
        const int writeOnly = 1;
        switch (context.Phase++)
        {
            case 0:
                batch.SetCall(new SyscallRequest
                {
                    Nr = SyscallNr.Openat,
                    A0 = unchecked((ulong)-100),
                    A2 = writeOnly,
                    Operands = new SyscallOperands { Path = Path },
                });
                return false;
            case 1:
                context.Files[Path] = context.Last.Value;
                batch.SetCall(new SyscallRequest
                {
                    Nr = SyscallNr.Write,
                    A0 = context.FileNamed(Path),
                    A2 = 2,
                    Operands = new SyscallOperands
                    {
                        BuffersUnknown = true,
                        Outgoing = new[] { (byte)('0' + Number), (byte)'\n' },
                    },
                });
                return false;
            case 2:
                context.Judge(context.Last.Errno, Errno.None);
                batch.SetCall(new SyscallRequest { Nr = SyscallNr.Close, A0 = context.FileNamed(Path) });
                return false;
            default:
                return true;
        }
    }
}
