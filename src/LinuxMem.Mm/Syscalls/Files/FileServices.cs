using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Uaccess;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>What calls on files work with.</summary>
/// <param name="Memory">The machine's memory.</param>
/// <param name="Names">Files by path.</param>
/// <param name="Segments">System V shared memory.</param>
/// <param name="Pages">Makes pages of the page cache.</param>
/// <param name="Cuts">Takes them away from mappings.</param>
/// <param name="Writeback">Writes dirty pages out.</param>
/// <param name="Pauses">Lets writers wait for the disk.</param>
/// <param name="Users">Reaches user memory.</param>
/// <param name="Copy">Copies to and from it.</param>
/// <param name="Observer">Hears of contents.</param>
public sealed record FileServices(KernelMemory Memory, FileSystem Names, SysvSegments Segments,
    FilePages Pages, MappingCut Cuts,
    Writeback Writeback, WriterPauses Pauses, UserPages Users, UserCopy Copy, IMmObserver Observer)
{
    /// <summary>Blocks of the file system that calls read and change; null without a disk.</summary>
    public BufferCache.MetadataBlocks? Metadata { get; init; }

    /// <summary>Finds the processes whose files of /proc are written.</summary>
    public Proc.ProcLinks? Processes { get; init; }

    /// <summary>Writes files through the buffer cache; null where the page cache does.</summary>
    public BufferCache.BufferedWriter? Buffered { get; init; }

    /// <summary>A call without steps left.</summary>
    public static IEnumerator<PageLookup> Done(CallProgress call, Abi.SyscallResult result)
    {
        call.Result = result;
        return Enumerable.Empty<PageLookup>().GetEnumerator();
    }

    /// <summary>A call that has failed.</summary>
    public static IEnumerator<PageLookup> Fail(CallProgress call, Abi.Errno errno) =>
        Done(call, Abi.SyscallResult.Fail(errno));
}
