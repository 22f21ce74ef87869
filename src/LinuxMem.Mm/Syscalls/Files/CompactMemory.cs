using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Uaccess;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>What a write to /proc/sys/vm/compact_memory does: 1 brings free memory together as far as can be.</summary>
/// <remarks>Linux: mm/compaction.c: sysctl_compaction_handler, v6.18.</remarks>
public sealed class CompactMemory
{
    /// <summary>Where it is written.</summary>
    public const string Path = "/proc/sys/vm/compact_memory";

    private const int BytesMax = 16;
    private readonly BufferCopy copy;

    /// <summary>With the machine's services.</summary>
    public CompactMemory(FileServices services) => copy = new BufferCopy(services.Copy);

    /// <summary>Takes what is written: 1, else EINVAL; and waits until it is done.</summary>
    public IEnumerator<PageLookup> Write(CallProgress call, UserBuffer from)
    {
        ulong length = from.Left;
        byte[] bytes = new byte[Math.Min(length, BytesMax)];
        for (var steps = copy.In(call, from, bytes); steps.MoveNext();)
            yield return steps.Current;
        string text = System.Text.Encoding.ASCII.GetString(bytes, 0, (int)call.Copied).Trim('\n', ' ', '\t', '\0');
        if (text != "1")
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        call.WaitsForOrder = -1;
        yield return PageLookup.Wait;
        call.Return((long)length);
    }
}
