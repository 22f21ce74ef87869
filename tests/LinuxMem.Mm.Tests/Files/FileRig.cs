using LinuxMem.Abi;
using LinuxMem.Arch.Memory;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;

namespace LinuxMem.Mm.Tests.Files;

/// <summary>Calls on files, from a process with a page for paths and some pages for buffers.</summary>
internal sealed class FileRig : IDisposable
{
    public const ulong Buffer = KernelRig.Arena;
    public const ulong BufferPages = 16;
    public const int ReadWrite = 2;
    public const int Create = 0x40;

    public FileRig(ulong megabytes = 8, ContentMode contents = ContentMode.Bytes, KernelRig? kernel = null)
    {
        Kernel = kernel ?? new KernelRig(megabytes: megabytes, contents: contents);
        Task = Kernel.Start();
        Kernel.Map(Task, Buffer, BufferPages);
    }

    public KernelRig Kernel { get; }

    public TaskStruct Task { get; set; }

    public long MinFlt => Task.Group.MinFlt;

    public long MajFlt => Task.Group.MajFlt;

    public long Call(SyscallNr nr, ulong a0 = 0, ulong a1 = 0, ulong a2 = 0, ulong a3 = 0, ulong a4 = 0, ulong a5 = 0,
        SyscallOperands? operands = null)
    {
        var request = new SyscallRequest
        {
            Nr = nr,
            A0 = a0,
            A1 = a1,
            A2 = a2,
            A3 = a3,
            A4 = a4,
            A5 = a5,
            Operands = operands,
        };
        TrapOutcome outcome = Kernel.Trap(Task, request);
        for (int waits = 0; outcome.Action == TrapAction.Block && waits < 100; waits++)
        {
            Kernel.CompleteIo();
            if (Task.State == TaskState.WaitingForMemory)
                Kernel.Steps(2);
            outcome = Kernel.Trap(Task, request);
        }

        Assert.Equal(TrapAction.Resume, outcome.Action);
        return Task.Result.Value;
    }

    public int Open(string path, int flags = ReadWrite | Create, ExternalFile? external = null) => (int)Call(
        SyscallNr.Openat, unchecked((ulong)-100), 0, (ulong)flags, 0x180,
        operands: new SyscallOperands { Path = path, External = external });

    /// <summary>Writes at a position, through user memory that is filled first.</summary>
    public long Pwrite(int fd, byte[] bytes, ulong position)
    {
        Poke(Buffer, bytes);
        return Call(SyscallNr.Pwrite64, (ulong)fd, Buffer, (ulong)bytes.Length, position);
    }

    public byte[] Pread(int fd, int count, ulong position)
    {
        long read = Call(SyscallNr.Pread64, (ulong)fd, Buffer, (ulong)count, position);
        Assert.True(read >= 0, $"pread64 fails with {read}");
        return Peek(Buffer, (int)read);
    }

    public long Write(int fd, byte[] bytes)
    {
        Poke(Buffer, bytes);
        return Call(SyscallNr.Write, (ulong)fd, Buffer, (ulong)bytes.Length);
    }

    public byte[] Read(int fd, int count)
    {
        long read = Call(SyscallNr.Read, (ulong)fd, Buffer, (ulong)count);
        Assert.True(read >= 0, $"read fails with {read}");
        return Peek(Buffer, (int)read);
    }

    /// <summary>Maps pages of a file at an address.</summary>
    public long Map(int fd, ulong at, ulong pages, MapFlags type, ProtFlags prot = ProtFlags.Read | ProtFlags.Write,
        ulong offset = 0) => Call(SyscallNr.Mmap, at, pages * Kernel.Page, (ulong)prot,
            (ulong)(type | MapFlags.Fixed), (ulong)fd, offset);

    public void Poke(ulong va, byte[] bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            Assert.True(Kernel.Access(Task, va + (ulong)i, AccessKind.Write), "the store is refused");
            Kernel.Memory.Ram.WriteBytes(Kernel.FrameAt(Task.Mm, va + (ulong)i),
                (int)((va + (ulong)i) & (Kernel.Page - 1)), bytes.AsSpan(i, 1));
        }
    }

    public byte[] Peek(ulong va, int count)
    {
        var bytes = new byte[count];
        for (int i = 0; i < count; i++)
        {
            Assert.True(Kernel.Access(Task, va + (ulong)i, AccessKind.Read), "the load is refused");
            Kernel.Memory.Ram.ReadBytes(Kernel.FrameAt(Task.Mm, va + (ulong)i),
                (int)((va + (ulong)i) & (Kernel.Page - 1)), bytes.AsSpan(i, 1));
        }

        return bytes;
    }

    public static byte[] Bytes(int count, int seed = 0)
    {
        var bytes = new byte[count];
        for (int i = 0; i < count; i++)
            bytes[i] = (byte)(1 + (((i * 7) + (i / 26) + (seed * 31)) % 255));
        return bytes;
    }

    public void Dispose() => Kernel.Dispose();
}
