using System.Buffers.Binary;
using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>
/// ioctl(fd, command, argument) with the commands that concern every descriptor: FIOCLEX and FIONCLEX, whether it is
/// closed on exec, and FIONBIO, whether calls on its open file wait.
/// </summary>
/// <remarks>Linux: fs/ioctl.c: do_vfs_ioctl, ioctl_fionbio, v6.18.</remarks>
internal sealed class DescriptorIoctl(FileServices services)
{
    private const uint NotCloseOnExec = 0x5450, CloseOnExec = 0x5451, NonBlocking = 0x5421;

    /// <summary>Whether it is one of these commands, of whatever descriptor.</summary>
    internal static bool Concerns(CallProgress call) =>
        (uint)call.Request.A1 is NotCloseOnExec or CloseOnExec or NonBlocking;

    /// <summary>
    /// Carries a command out. EBADF: no open file, or one opened with O_PATH; EFAULT: FIONBIO's word cannot be read.
    /// Precondition: <see cref="Concerns"/>.
    /// </summary>
    internal IEnumerator<PageLookup> Invoke(CallProgress call)
    {
        FdTable files = call.Task.Files;
        if (files.Find((uint)call.Request.A0) is not { } file || (file.Flags & OpenFlags.Path) != 0)
        {
            call.Fail(Errno.EBADF);
            yield break;
        }

        if ((uint)call.Request.A1 != NonBlocking)
        {
            files.SetCloseOnExec((int)(uint)call.Request.A0, (uint)call.Request.A1 == CloseOnExec);
            call.Return(0);
            yield break;
        }

        byte[] word = new byte[4];
        if (call.Operands?.Words is [ulong told, ..])
        {
            BinaryPrimitives.WriteUInt32LittleEndian(word, (uint)told);
        }
        else
        {
            for (var copy = services.Copy.CopyFromUser(call, call.Request.A2, word); copy.MoveNext();)
                yield return copy.Current;
            if (call.Copied < (ulong)word.Length)
            {
                call.Fail(Errno.EFAULT);
                yield break;
            }
        }

        bool isOn = BinaryPrimitives.ReadUInt32LittleEndian(word) != 0;
        file.Flags = isOn ? file.Flags | OpenFlags.NonBlock : file.Flags & ~OpenFlags.NonBlock;
        call.Return(0);
    }
}
