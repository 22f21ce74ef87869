using System.Buffers.Binary;
using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Vfs;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>pipe, pipe2.</summary>
/// <remarks>Linux: fs/pipe.c: do_pipe2, v6.18.</remarks>
public sealed class PipeCalls
{
    private readonly FileServices services;

    /// <summary>With the machine's services.</summary>
    public PipeCalls(FileServices services) => this.services = services;

    /// <summary>Makes a pipe and its two descriptors: EINVAL for unknown flags, EMFILE, EFAULT.</summary>
    public IEnumerator<PageLookup> Invoke(CallProgress call)
    {
        const OpenFlags known = OpenFlags.CloseOnExec | OpenFlags.NonBlock | OpenFlags.Direct;
        OpenFlags flags = call.Request.Nr == SyscallNr.Pipe ? 0 : (OpenFlags)(int)call.Request.A1;
        if ((flags & ~known) != 0)
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        FaultSwitch faults = services.Memory.FaultSwitch;
        if (faults.Fails(FaultSite.AllocEmptyFile) || faults.Fails(FaultSite.AllocEmptyFile))
        {
            call.Fail(Errno.ENOMEM);
            yield break;
        }

        FdTable files = call.Task.Files;
        Inode inode = services.Names.Objects.Create(InodeKind.Pipe, "pipe");
        bool closes = (flags & OpenFlags.CloseOnExec) != 0;
        OpenFlags kept = flags & ~OpenFlags.CloseOnExec;
        int reads = OpenCalls.NewDescriptor(call, call.Operands?.WantedId);
        if (reads < 0)
        {
            call.Return(reads);
            yield break;
        }

        files.Install(reads, new OpenFile(inode, OpenFlags.ReadOnly | kept, "pipe"), closes);
        int writes = OpenCalls.NewDescriptor(call, call.Operands?.WantedId2);
        if (writes < 0)
        {
            files.Close((ulong)reads);
            call.Return(writes);
            yield break;
        }

        files.Install(writes, new OpenFile(inode, OpenFlags.WriteOnly | kept, "pipe"), closes);
        if (call.Operands is { BuffersUnknown: true } || (call.Operands is not null && call.Request.A0 == 0))
            yield break;
        byte[] numbers = new byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(numbers, reads);
        BinaryPrimitives.WriteInt32LittleEndian(numbers.AsSpan(4), writes);
        for (var steps = services.Copy.CopyToUser(call, call.Request.A0, numbers); steps.MoveNext();)
            yield return steps.Current;
        if (call.Copied == 8)
            yield break;
        files.Close((ulong)reads);
        files.Close((ulong)writes);
        call.Fail(Errno.EFAULT);
    }
}
