using System.Globalization;
using System.Text;
using LinuxMem.Abi;
using LinuxMem.Mm.Accounting;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Hugetlb;
using LinuxMem.Mm.Proc.Sys;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Uaccess;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>
/// The files of /proc that take a number: the sizes of the pool of huge pages, how much may be promised, how many
/// mappings there may be, vm.memfd_noexec and /proc/PID/oom_score_adj.
/// </summary>
/// <remarks>
/// Linux: mm/hugetlb.c: hugetlb_sysctl_handler, hugetlb_overcommit_handler; kernel/sysctl.c: proc_doulongvec_minmax;
/// kernel/pid.c: pid_mfd_noexec_dointvec_minmax; fs/proc/base.c: oom_score_adj_write, v6.18. What is no number of its
/// own is EINVAL.
/// </remarks>
public sealed class WrittenTunables
{
    private const string Count = "/proc/sys/vm/nr_hugepages";
    private const string Surplus = "/proc/sys/vm/nr_overcommit_hugepages";
    private const string Folder = "/proc/sys/vm/";
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
    public bool Takes(string path) => path is Count or Surplus or SysFiles.MemfdNoexec || IsOomScoreAdj(path)
        || NameOf(path) is not null;

    private static string? NameOf(string path) => path.StartsWith(Folder, StringComparison.Ordinal)
        && VmTunables.Has(path[Folder.Length..]) ? path[Folder.Length..] : null;

    private static bool IsOomScoreAdj(string path) => path.StartsWith("/proc/", StringComparison.Ordinal)
        && path.EndsWith("/oom_score_adj", StringComparison.Ordinal);

    /// <summary>Takes what is written: EINVAL, EPERM, EACCES, ESRCH.</summary>
    public IEnumerator<PageLookup> Write(CallProgress call, string path, UserBuffer from)
    {
        ulong length = from.Left;
        byte[] bytes = new byte[Math.Min(length, BytesMax)];
        for (var steps = copy.In(call, from, bytes); steps.MoveNext();)
            yield return steps.Current;
        string text = Encoding.ASCII.GetString(bytes, 0, (int)call.Copied).Trim('\n', ' ', '\t', '\0');
        bool isNumber =
            long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value);
        Errno error = !isNumber ? Errno.EINVAL : Set(call, path, value);
        call.Result = error == Errno.None ? new SyscallResult((long)length) : SyscallResult.Fail(error);
    }

    private Errno Set(CallProgress call, string path, long value)
    {
        if (IsOomScoreAdj(path))
            return SetOomScoreAdj(call, path, value);
        if (NameOf(path) is { } name)
            return services.Memory.Tunables.TrySet(name, value) ? Errno.None : Errno.EINVAL;
        if (value < 0)
            return Errno.EINVAL;
        HugePool pool = services.Memory.Huge.Usual;
        switch (path)
        {
            case Count:
                pool.SetCount(value);
                break;
            case Surplus:
                pool.SurplusMax = value;
                break;
            default:
                Credentials own = call.Task.Credentials;
                return !own.Has(Capabilities.SysAdmin) ? Errno.EPERM
                    : call.Task.Group.PidNamespace.TrySetMemfdNoexec(value) ? Errno.None : Errno.EINVAL;
        }

        return Errno.None;
    }

    // Nobody without CAP_SYS_RESOURCE goes below what one with it has set last.
    private Errno SetOomScoreAdj(CallProgress call, string path, long value)
    {
        const int most = 1000;
        if (value is < -most or > most)
            return Errno.EINVAL;
        if (services.Processes!.GroupAt(call.Task, path) is not { } group)
            return Errno.ESRCH;
        bool isMighty = call.Task.Credentials.Has(Capabilities.SysResource);
        if (!isMighty && value < group.OomScoreAdjMin)
            return Errno.EACCES;
        group.OomScoreAdj = (int)value;
        if (isMighty)
            group.OomScoreAdjMin = (int)value;
        return Errno.None;
    }
}
