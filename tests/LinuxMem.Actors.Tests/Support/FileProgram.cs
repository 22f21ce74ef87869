using LinuxMem.Abi;

namespace LinuxMem.Actors.Tests.Support;

/// <summary>A program written as an iterator: each step fills a batch; Last is the result of its call.</summary>
internal sealed class FileProgram(Func<FileProgram, IEnumerable<Action<AccessBatch>>> script, string comm = "files")
    : IProgram
{
    public const ulong Buffer = 0x20_0000_0000;
    public const ulong Mapped = 0x21_0000_0000;
    public const ulong BufferBytes = 1 << 20;
    private IEnumerator<Action<AccessBatch>>? steps;

    public string Comm => comm;

    public ImageSpec Image => ImageSpec.Empty;

    public SyscallResult Last { get; private set; }

    public int Fd { get; private set; }

    public void Start(in ProgramStart begin) => steps = Run().GetEnumerator();

    public void Next(AccessBatch batch, in SyscallResult last)
    {
        Last = last;
        if (steps!.MoveNext())
            steps.Current(batch);
        else
            ScriptProgram.Exit(batch);
    }

    public static Action<AccessBatch> Call(SyscallNr nr, ulong a0 = 0, ulong a1 = 0, ulong a2 = 0, ulong a3 = 0,
        ulong a4 = 0, ulong a5 = 0, SyscallOperands? operands = null) => batch => batch.SetCall(new SyscallRequest
        {
            Nr = nr,
            A0 = a0,
            A1 = a1,
            A2 = a2,
            A3 = a3,
            A4 = a4,
            A5 = a5,
            Operands = operands,
        });

    public static Action<AccessBatch> Open(string path, ExternalFile? external = null) => Call(
        SyscallNr.Openat, unchecked((ulong)-100), 0, 0x42, 0x180,
        operands: new SyscallOperands { Path = path, External = external });

    public Action<AccessBatch> Write(ulong bytes, ulong at) =>
        Call(SyscallNr.Pwrite64, (ulong)Fd, Buffer, bytes, at);

    public Action<AccessBatch> Read(ulong bytes, ulong at) => Call(SyscallNr.Pread64, (ulong)Fd, Buffer, bytes, at);

    public Action<AccessBatch> Fsync() => Call(SyscallNr.Fsync, (ulong)Fd);

    public Action<AccessBatch> Forget() => Call(SyscallNr.Fadvise64, (ulong)Fd, 0, 0, 4);

    public Action<AccessBatch> Map(ulong bytes, MapFlags type) => Call(SyscallNr.Mmap, Mapped, bytes,
        (ulong)(ProtFlags.Read | ProtFlags.Write), (ulong)(type | MapFlags.Fixed), (ulong)Fd, 0);

    public static Action<AccessBatch> Touch(ulong start, ulong stride, uint count, AccessKind kind = AccessKind.Read) =>
        batch => batch.AddRun(kind, start, (long)stride, (int)count);

    public static Action<AccessBatch> Sleep(long ns) => Call(SyscallNr.Nanosleep, (ulong)ns);

    private IEnumerable<Action<AccessBatch>> Run()
    {
        yield return Call(SyscallNr.Mmap, Buffer, BufferBytes, (ulong)(ProtFlags.Read | ProtFlags.Write),
            (ulong)(MapFlags.Private | MapFlags.Anonymous | MapFlags.Fixed), ulong.MaxValue);
        foreach (Action<AccessBatch> step in script(this))
        {
            yield return step;
            if (Last.Value > 2 && Fd == 0)
                Fd = (int)Last.Value;
        }
    }
}
