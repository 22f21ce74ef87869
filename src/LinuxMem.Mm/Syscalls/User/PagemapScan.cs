using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Proc.Process;
using LinuxMem.Mm.Syscalls.Files;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>ioctl on /proc/PID/pagemap: PAGEMAP_SCAN, which tells of ranges of pages by what they are.</summary>
/// <remarks>Linux: fs/proc/task_mmu.c: do_pagemap_cmd, do_pagemap_scan, v6.18.</remarks>
internal sealed class PagemapScan(FileServices services, UserStructs structs, UserfaultProtect protect)
{
    private const uint Command = 0xc060_6610;

    /// <summary>Whether ioctl is called on such a file.</summary>
    internal static bool Concerns(CallProgress call) =>
        call.Task.Files.Find((uint)call.Request.A0) is { Generated: PagemapFile } file
        && (file.Flags & OpenFlags.Path) == 0;

    /// <summary>
    /// ioctl(fd, command, structure): how many ranges it is. EINVAL: another command, or what is asked for; EFAULT;
    /// EPERM: a mapping that cannot be protected. Precondition: <see cref="Concerns"/>.
    /// </summary>
    internal IEnumerator<PageLookup> Invoke(CallProgress call)
    {
        Mm? mm = ((PagemapFile)call.Task.Files.Find((uint)call.Request.A0)!.Generated!).Space;
        if ((uint)call.Request.A1 != Command)
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        ulong[] words = new ulong[PagemapScanArguments.Words];
        for (var read = structs.Read(call, call.Request.A2, words); read.MoveNext();)
            yield return read.Current;
        if (call.Copied < (ulong)words.Length * 8)
        {
            call.Fail(Errno.EFAULT);
            yield break;
        }

        var arguments = new PagemapScanArguments(words, services.Memory.Geometry.PageOffsetMask);
        Errno error = arguments.Check(services.Users.IsUserRange);
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        var walk = new PagemapWalk(services.Memory, protect, arguments);
        ulong ranges = 0;
        bool goesOn = mm is { Users: > 0 };
        while (goesOn && error == Errno.None && walk.At < arguments.End)
        {
            error = walk.Run(call, mm!, out bool isStopped);
            byte[] told = walk.Take();
            for (var write = structs.Write(call, arguments.Vec + (ranges * PagemapScanArguments.RegionBytes), told);
                told.Length > 0 && write.MoveNext();)
                yield return write.Current;
            if (told.Length > 0 && call.Copied < (ulong)told.Length)
                error = Errno.EFAULT;
            else
                ranges += (ulong)told.Length / PagemapScanArguments.RegionBytes;
            goesOn = isStopped && ranges < arguments.VecLength && walk.Found < arguments.PagesMax;
        }

        ulong end = walk.StoppedAt == 0 ? arguments.End : walk.StoppedAt;
        byte[] answer = UserStructs.Bytes(end);
        for (var write = structs.Write(call, call.Request.A2 + PagemapScanArguments.WalkEndOffset, answer);
            write.MoveNext();)
            yield return write.Current;
        if (call.Copied < (ulong)answer.Length)
            error = Errno.EFAULT;
        call.Result = error == Errno.None ? new SyscallResult((long)ranges) : SyscallResult.Fail(error);
    }
}
