using System.Text;
using LinuxMem.Mm.Memcg;
using LinuxMem.Mm.Proc;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Oom;

/// <summary>The kernel's report when memory is out: who asked, what memory is used for, who has it, who dies.</summary>
/// <remarks>
/// Linux: mm/oom_kill.c: dump_header, dump_tasks, dump_oom_victim, v6.18. The call trace of who asked, behind its first
/// line, and its registers are left out: this kernel has none.
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
    /// <param name="request">Who asked for what.</param>
    /// <param name="victim">Who will die; null if nobody can.</param>
    public void Print(in OomRequest request, ThreadGroup? victim)
    {
        var text = new StringBuilder();
        AppendHeader(text, request);
        if (request.Within is null)
            memInfo.Append(text, request.ReclaimIsHopeless, Math.Max(request.Asker?.LastCpu ?? 0, 0));
        else
            MemcgReport.Append(text, request.Within, context);
        if (context.Settings.Vm.OomDumpTasks)
            AppendTasks(text, request.Within);
        if (victim is not null)
            AppendVictim(text, request, victim);
        log.Print(request.NowNs, text.ToString().TrimEnd('\n'));
    }

    // A memory cgroup is charged for user memory with GFP_KERNEL.
    private void AppendHeader(StringBuilder text, in OomRequest request)
    {
        bool isBorn = request.Birth is null;
        string comm = request.Birth?.Comm ?? NameOf(request.Asker?.Group ?? context.Init);
        int adj = request.Birth?.OomScoreAdj ?? (request.Asker?.Group ?? context.Init).OomScoreAdj;
        string gfp = request.Within is null ? request.Wish.GfpText : "0xcc0(GFP_KERNEL)";
        int order = request.Within is null ? request.Wish.Order : 0;
        text.Append(comm).Append(" invoked oom-killer: gfp_mask=").Append(gfp);
        text.Append(ProcFormat.Invariant, $", order={order}, oom_score_adj={adj}\n");
        text.Append(isBorn ? StackHeader.Of(request.Asker) : StackHeader.Of(0, request.Birth!.Uid, 0, comm));
        text.Append('\n');
    }

    private void AppendTasks(StringBuilder text, MemCgroup? within)
    {
        text.Append("Tasks state (memory values in pages):\n[  pid  ]   uid  tgid total_vm      rss rss_anon ");
        text.Append("rss_file rss_shmem pgtables_bytes swapents oom_score_adj name\n");
        foreach (ThreadGroup group in context.Tasks.Groups)
        {
            if (!group.IsDead && OomKiller.IsIn(group, within))
                text.Append(LineOf(group, context.Memory.Geometry.PageShift)).Append('\n');
        }
    }

    private static void AppendVictim(StringBuilder text, in OomRequest request, ThreadGroup victim)
    {
        MemCgroup? within = request.Within;
        text.Append("oom-kill:constraint=").Append(within is null ? "CONSTRAINT_NONE" : "CONSTRAINT_MEMCG");
        text.Append(",nodemask=(null),cpuset=/,mems_allowed=0,");
        text.Append(within is null ? "global_oom" : "oom_memcg=" + within.KernelPath);
        text.Append(",task_memcg=/").Append(victim.Cgroup?.Path).Append(",task=").Append(NameOf(victim));
        uint uid = victim.IsDead ? request.Birth?.Uid ?? 0 : victim.Tasks[0].Credentials.Uid;
        text.Append(ProcFormat.Invariant, $",pid={victim.Pid},uid={uid}");
    }
}
