using System.Globalization;
using System.Text;
using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Uaccess;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>What a write to /proc/sys/vm/drop_caches does: 1 and 3 let the clean pages of files go that nobody maps.
/// </summary>
/// <remarks>Linux: fs/drop_caches.c: drop_caches_sysctl_handler, v6.18. Slabs, which 2 and 3 shrink, are not modelled.
/// </remarks>
public sealed class DropCaches
{
    /// <summary>The file.</summary>
    public const string Path = "/proc/sys/vm/drop_caches";

    private const int BytesMax = 32;
    private readonly FileServices services;
    private readonly BufferCopy copy;

    /// <summary>With the machine's services.</summary>
    public DropCaches(FileServices services)
    {
        this.services = services;
        copy = new BufferCopy(services.Copy);
    }

    /// <summary>Takes what is written: a number from 1 to 4, else EINVAL.</summary>
    public IEnumerator<PageLookup> Write(CallProgress call, UserBuffer from)
    {
        ulong length = from.Left;
        byte[] bytes = new byte[Math.Min(length, BytesMax)];
        for (var steps = copy.In(call, from, bytes); steps.MoveNext();)
            yield return steps.Current;
        string text = Encoding.ASCII.GetString(bytes, 0, (int)call.Copied).Trim('\n', ' ', '\t', '\0');
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int what) || what is < 1 or > 4)
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        if ((what & 2) != 0)
            services.Memory.Stat.Add(VmEvent.DropSlab);
        if ((what & 1) != 0)
        {
            foreach (AddressSpace file in services.Names.Objects.Files.ToArray())
            {
                if (file.IsShmem)
                    continue;
                for (var drop = services.Cuts.DropUnmapped(call, file, 0, ulong.MaxValue); drop.MoveNext();)
                    yield return drop.Current;
            }

            services.Memory.Stat.Add(VmEvent.DropPagecache);
        }

        call.Return((long)length);
    }
}
