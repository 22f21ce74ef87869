using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Syscalls.User;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>cachestat(fd, range, stat, flags): how many pages of a range of a file are cached, and dirty.</summary>
/// <remarks>
/// Linux: mm/filemap.c: cachestat, filemap_cachestat, v6.18. Pages that left memory are not counted (nr_evicted is 0).
/// </remarks>
public sealed class Cachestat
{
    private readonly FileServices services;
    private readonly UserStructs structs;

    /// <summary>With the machine's services.</summary>
    public Cachestat(FileServices services)
    {
        this.services = services;
        structs = new UserStructs(services);
    }

    /// <summary>EBADF; EFAULT; EOPNOTSUPP: a file of huge pages; EINVAL: flags.</summary>
    public IEnumerator<PageLookup> Invoke(CallProgress call)
    {
        if (call.Task.Files.Find((uint)call.Request.A0) is not { } file)
        {
            call.Fail(Errno.EBADF);
            yield break;
        }

        ulong[] range = new ulong[2];
        for (var read = structs.Read(call, call.Request.A1, range); read.MoveNext();)
            yield return read.Current;
        Errno error = call.Copied < 16 ? Errno.EFAULT : file.Inode.Huge is not null ? Errno.EOPNOTSUPP
            : (uint)call.Request.A3 != 0 ? Errno.EINVAL : Errno.None;
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        ulong cached = 0, dirty = 0, written = 0;
        AddressSpace mapping = file.Inode.Mapping;
        ulong first = range[0] >> file.Inode.PageShift;
        ulong last = range[1] == 0 ? uint.MaxValue : (range[0] + range[1] - 1) >> file.Inode.PageShift;
        while (file.Inode.HasPages && first <= Math.Min(last, uint.MaxValue))
        {
            yield return new PageLookup(mapping, (uint)first, PageLookup.BatchPages, Present: true);
            int count = 0;
            for (; count < call.Pages.Length && call.Pages[count] != 0; count++)
            {
                ref PageFrame frame = ref services.Memory.Map[new Pfn(call.Pages[count])];
                first = frame.Index + 1UL;
                if (frame.Index > last)
                    break;
                cached++;
                dirty += (frame.Flags & PageFlags.Dirty) != 0 ? 1UL : 0;
                written += (frame.Flags & PageFlags.Writeback) != 0 ? 1UL : 0;
            }

            if (count < PageLookup.BatchPages)
                break;
        }

        byte[] bytes = UserStructs.Bytes(cached, dirty, written, 0, 0);
        for (var write = structs.Finish(call, call.Request.A2, bytes); write.MoveNext();)
            yield return write.Current;
    }
}
