using LinuxMem.Mm.Memcg;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Reclaim;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Oom;

/// <summary>Calls the OOM killer. Precondition: this is a kernel step.</summary>
public delegate void OomCall(in OomRequest request);

/// <summary>Why the OOM killer is called.</summary>
/// <remarks>Linux: include/linux/oom.h: struct oom_control, v6.18.</remarks>
/// <param name="NowNs">When.</param>
/// <param name="Asker">The task that could not go on without memory; null if it is no task, or nobody any more.</param>
/// <param name="Within">The memory cgroup that is at its limit; null if the machine is out of memory.</param>
/// <param name="Wish">What was asked for last, in vain.</param>
/// <param name="ReclaimIsHopeless">Whether kswapd has given up.</param>
public readonly record struct OomRequest(
    long NowNs, TaskStruct? Asker, MemCgroup? Within, AllocWish Wish, bool ReclaimIsHopeless)
{
    /// <summary>The process that could not start for want of memory; null if there is none.</summary>
    public Newborn? Birth { get; init; }
}
