using System.Text;
using LinuxMem.Mm.Oom;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Proc;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Compaction;

/// <summary>What the kernel prints when an allocation has failed.</summary>
/// <remarks>
/// Linux: mm/page_alloc.c: warn_alloc, v6.18, without the call trace behind its first line;
/// ten at most in five seconds, as there.
/// </remarks>
public sealed class AllocFailure
{
    private const long IntervalNs = 5_000_000_000;
    private const int Burst = 10;
    private readonly KernelLog log;
    private readonly MemInfoDump memInfo;
    private long sinceNs = long.MinValue;
    private int reports;

    /// <summary>Of one kernel.</summary>
    public AllocFailure(ProcContext context, KernelLog log)
    {
        this.log = log;
        memInfo = new MemInfoDump(context);
    }

    /// <summary>Prints that a task got no block.</summary>
    public void Report(long nowNs, TaskStruct task, int order, GfpFlags gfp)
    {
        if (sinceNs == long.MinValue || nowNs - sinceNs >= IntervalNs)
        {
            sinceNs = nowNs;
            reports = 0;
        }

        if (++reports > Burst)
            return;
        var wish = new AllocWish(MemMaps.FramePlace.Kernel, gfp, order);
        var text = new StringBuilder();
        text.Append(OomReport.NameOf(task.Group)).Append(ProcFormat.Invariant,
            $": page allocation failure: order:{order}, mode:{wish.GfpText}, ");
        text.Append("nodemask=(null),cpuset=/,mems_allowed=0\n");
        text.Append(StackHeader.Of(task)).Append('\n');
        memInfo.Append(text, isHopeless: false, Math.Max(task.LastCpu, 0));
        log.Print(nowNs, text.ToString().TrimEnd('\n'));
    }
}
