using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Uaccess;
using LinuxMem.Mm.Userfault;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>Reads what tasks wait for, off a descriptor of userfaultfd.</summary>
/// <remarks>Linux: fs/userfaultfd.c: userfaultfd_read_iter, userfaultfd_ctx_read, v6.18.</remarks>
public sealed class UserfaultReader
{
    private readonly BufferCopy copy;

    /// <summary>With the machine's services.</summary>
    public UserfaultReader(FileServices services) => copy = new BufferCopy(services.Copy);

    /// <summary>
    /// As many whole messages as there are and fit. EINVAL: none fits, or no UFFDIO_API yet; EAGAIN in place of a wait;
    /// EINTR.
    /// </summary>
    public IEnumerator<PageLookup> Read(CallProgress call, OpenFile file, UserBuffer to)
    {
        UserfaultContext context = file.Inode.Userfault!;
        if (!context.IsInitialized || to.Left < UserfaultContext.MessageBytes)
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        while (!context.HasMessages)
        {
            if ((file.Flags & OpenFlags.NonBlock) != 0 || call.IsInterrupted)
            {
                call.Fail(call.IsInterrupted ? Errno.EINTR : Errno.EAGAIN);
                yield break;
            }

            context.WaitForMessage(call.Task);
            yield return PageLookup.Wait;
        }

        while (to.Left >= UserfaultContext.MessageBytes && context.TakeMessage() is { } message)
        {
            ulong before = to.Passed;
            for (var steps = copy.Out(call, to, message); steps.MoveNext();)
                yield return steps.Current;
            if (to.Passed - before == UserfaultContext.MessageBytes)
                continue;
            call.Return((long)before);
            if (before == 0)
                call.Fail(Errno.EFAULT);
            yield break;
        }

        call.Return((long)to.Passed);
    }
}
