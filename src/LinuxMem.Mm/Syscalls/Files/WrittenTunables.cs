using System.Globalization;
using System.Text;
using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Hugetlb;
using LinuxMem.Mm.Uaccess;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>The files of /proc/sys/vm that take a number: the sizes of the pool of huge pages.</summary>
/// <remarks>
/// Linux: mm/hugetlb.c: hugetlb_sysctl_handler, hugetlb_overcommit_handler; kernel/sysctl.c: proc_doulongvec_minmax,
/// v6.18. What is no number of its own is EINVAL.
/// </remarks>
public sealed class WrittenTunables
{
    private const string Count = "/proc/sys/vm/nr_hugepages";
    private const string Surplus = "/proc/sys/vm/nr_overcommit_hugepages";
    private const int BytesMax = 32;
    private readonly FileServices services;
    private readonly BufferCopy copy;

    /// <summary>With the machine's services.</summary>
    public WrittenTunables(FileServices services)
    {
        this.services = services;
        copy = new BufferCopy(services.Copy);
    }

    /// <summary>Whether a path is one of these.</summary>
    public bool Takes(string path) => path is Count or Surplus;

    /// <summary>Takes what is written.</summary>
    public IEnumerator<PageLookup> Write(CallProgress call, string path, UserBuffer from)
    {
        ulong length = from.Left;
        byte[] bytes = new byte[Math.Min(length, BytesMax)];
        for (var steps = copy.In(call, from, bytes); steps.MoveNext();)
            yield return steps.Current;
        string text = Encoding.ASCII.GetString(bytes, 0, (int)call.Copied).Trim('\n', ' ', '\t', '\0');
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long pages))
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        HugePool pool = services.Memory.Huge.Usual;
        if (path == Count)
            pool.SetCount(pages);
        else
            pool.SurplusMax = pages;
        call.Return((long)length);
    }
}
