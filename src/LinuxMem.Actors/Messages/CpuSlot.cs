using Akka.Actor;
using LinuxMem.Abi;
using LinuxMem.Arch.Tlbs;
using LinuxMem.Mm.Tlb;

namespace LinuxMem.Actors.Messages;

/// <summary>Why a CPU came back to the kernel.</summary>
public enum CpuStop
{
    /// <summary>It reached the moment it was granted.</summary>
    Deadline,

    /// <summary>A page fault: <see cref="CpuSlot.Fault"/>.</summary>
    PageFault,

    /// <summary>A system call: <see cref="CpuSlot.Request"/>.</summary>
    Syscall,
}

/// <summary>
/// The message between the kernel and a CPU, both ways: a grant on the way there, a report on the way back. One object
/// per CPU, used for the whole run; who holds it owns everything that it refers to.
/// </summary>
public sealed class CpuSlot
{
    /// <summary>The slot of a CPU.</summary>
    public CpuSlot(int cpu, Mmu mmu, CpuTlbState tlb)
    {
        Cpu = cpu;
        Mmu = mmu;
        Tlb = tlb;
    }

    /// <summary>The CPU.</summary>
    public int Cpu { get; }

    /// <summary>Its MMU.</summary>
    public Mmu Mmu { get; }

    /// <summary>
    /// What it is to forget, and has forgotten: the CPU carries out the pending orders and takes them out.
    /// </summary>
    public CpuTlbState Tlb { get; }

    /// <summary>Grant: its number among the CPU's grants, the kernel's own count.</summary>
    public long GrantNumber { get; set; }

    /// <summary>Report: its number among the CPU's reports, the CPU's own count.</summary>
    public long ReportNumber { get; set; }

    /// <summary>Report: grants that came to the CPU after later ones, since the start of the run.</summary>
    public long GrantsOvertaken { get; set; }

    /// <summary>Grant: changes of the address space that were made before the CPU left the kernel.</summary>
    public long KnownChanges { get; set; }

    /// <summary>
    /// Grant: the CPU only carries out what it is to forget by <see cref="NowNs"/>, and comes back as it was.
    /// </summary>
    public bool FlushOnly { get; set; }

    /// <summary>Grant: the task to run; 0 for none.</summary>
    public int Tid { get; set; }

    /// <summary>Whom the CPU reports to.</summary>
    public IActorRef? Kernel { get; set; }

    /// <summary>Grant: its process.</summary>
    public IActorRef? Process { get; set; }

    /// <summary>Grant: its address space.</summary>
    public MmContext? Context { get; set; }

    /// <summary>Grant: the ASID of that on this CPU.</summary>
    public ushort Asid { get; set; }

    /// <summary>Grant: what is counted for the task.</summary>
    public TaskAccesses? Accesses { get; set; }

    /// <summary>Grant: signals whose handlers are to run before the program goes on; its process takes them.</summary>
    public List<SignalInfo>? Signals { get; set; }

    /// <summary>Grant: the program, if the task's process has yet to be told of it; null otherwise.</summary>
    public IProgram? NewProgram { get; set; }

    /// <summary>Grant: with <see cref="NewProgram"/>, what it is told.</summary>
    public ProgramStart Start { get; set; }

    /// <summary>Grant: the result of the task's last call.</summary>
    public SyscallResult Result { get; set; }

    /// <summary>Both ways: what the task has yet to do of its batch; null if it must ask for a new one.</summary>
    public AccessBatch? Batch { get; set; }

    /// <summary>Both ways: the CPU's clock.</summary>
    public long NowNs { get; set; }

    /// <summary>Grant: the CPU stops before the first access that would start at or after this moment.</summary>
    public long UntilNs { get; set; }

    /// <summary>Report: why it came back.</summary>
    public CpuStop Stop { get; set; }

    /// <summary>Report: the page fault.</summary>
    public MmuFault Fault { get; set; }

    /// <summary>Report: the system call.</summary>
    public SyscallRequest Request { get; set; }

    /// <summary>
    /// Report: invalidations that other CPUs asked for and this one has carried out, since the start of the run.
    /// </summary>
    public long Shootdowns { get; set; }
}
