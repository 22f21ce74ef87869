using System.Text;
using LinuxMem.Mm.Memcg;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Proc;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Oom;

/// <summary>The kernel's report when memory is out: who asked, what memory is used for, who has it, who dies.</summary>
/// <remarks>
/// Linux: mm/oom_kill.c: dump_header, dump_tasks, dump_oom_victim, v6.18. The registers and the call trace of who asked
/// are left out: this kernel has none.
/// </remarks>
public sealed class OomReport
{
    private const int CommMax = 15;
    private readonly ProcContext context;
    private readonly KernelLog log;
    private readonly MemInfoDump memInfo;

    /// <summary>Of one kernel.</summary>
    public OomReport(ProcContext context, KernelLog log)
    {
        this.context = context;
        this.log = log;
        memInfo = new MemInfoDump(context);
    }

    /// <summary>The name of a process in the kernel's messages.</summary>
    public static string NameOf(ThreadGroup group) =>
        group.Comm.Length > CommMax ? group.Comm[..CommMax] : group.Comm;

    /// <summary>The line of a process in the table of tasks.</summary>
    public static string LineOf(ThreadGroup group, int pageShift)
    {
        TaskStruct task = group.Tasks[0];
        Mm mm = task.Mm;
        return string.Create(ProcFormat.Invariant,
            $"[{group.Pid,7}] {task.Credentials.Uid,5} {group.Pid,5} {mm.Vmas.TotalVmPages,8} {mm.Rss,8} "
            + $"{mm.RssAnon,8} {mm.RssFile,8} {mm.RssShmem,9} {OomKiller.TablePages(mm) << pageShift,8} "
            + $"{mm.SwapEntries,8}         {group.OomScoreAdj,5} {NameOf(group)}");
    }

    /// <summary>Prints the report.</summary>
    /// <param name="nowNs">When.</param>
    /// <param name="invoker">Who asked for memory.</param>
    /// <param name="isHopeless">Whether kswapd has given up.</param>
    /// <param name="victim">Who will die; null if nobody can.</param>
    /// <param name="within">The memory cgroup that is at its limit; null if the machine is out of memory.</param>
    public void Print(long nowNs, ThreadGroup invoker, bool isHopeless, ThreadGroup? victim, MemCgroup? within = null)
    {
        var text = new StringBuilder();
        text.Append(NameOf(invoker)).Append(" invoked oom-killer: gfp_mask=").Append(GfpText(within));
        text.Append(", order=0, ");
        text.Append(ProcFormat.Invariant, $"oom_score_adj={invoker.OomScoreAdj}\n");
        if (within is null)
            memInfo.Append(text, isHopeless);
        else
            MemcgReport.Append(text, within, context);
        text.Append("Tasks state (memory values in pages):\n[  pid  ]   uid  tgid total_vm      rss rss_anon ");
        text.Append("rss_file rss_shmem pgtables_bytes swapents oom_score_adj name");
        foreach (ThreadGroup group in context.Tasks.Groups)
        {
            if (!group.IsDead && OomKiller.IsIn(group, within))
                text.Append('\n').Append(LineOf(group, context.Memory.Geometry.PageShift));
        }

        if (victim is not null)
        {
            text.Append("\noom-kill:constraint=").Append(within is null ? "CONSTRAINT_NONE" : "CONSTRAINT_MEMCG");
            text.Append(",nodemask=(null),cpuset=/,mems_allowed=0,");
            text.Append(within is null ? "global_oom" : "oom_memcg=" + within.KernelPath);
            text.Append(",task_memcg=/").Append(victim.Cgroup?.Path).Append(",task=");
            text.Append(NameOf(victim)).Append(ProcFormat.Invariant,
                $",pid={victim.Pid},uid={victim.Tasks[0].Credentials.Uid}");
        }

        log.Print(nowNs, text.ToString());
    }

    // What Linux asks with where this kernel asked last, in vain: for tables, for anonymous memory (which it wants
    // zeroed), or for the page cache. For groups it asks as for its own memory.
    private string GfpText(MemCgroup? within) => within is not null ? "0xcc0(GFP_KERNEL)"
        : context.Memory.Allocator.LastRefusal switch
        {
            FramePlace.PageTable or FramePlace.Kernel =>
                "0x440dc0(GFP_KERNEL_ACCOUNT|__GFP_COMP|__GFP_ZERO)",
            FramePlace.Anon => "0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO)",
            _ => "0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP)",
        };
}
