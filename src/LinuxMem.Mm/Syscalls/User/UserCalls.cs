using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Futexes;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Reclaim;
using LinuxMem.Mm.Syscalls.Files;
using LinuxMem.Mm.Syscalls.Swap;
using LinuxMem.Mm.Syscalls.User.Futexes;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>The system calls on memory and processes that go step by step, by number.</summary>
public sealed class UserCalls
{
    private readonly Mincore mincore;
    private readonly Msync msync;
    private readonly MadviseRemove remove;
    private readonly MadviseWillNeed willNeed;
    private readonly MadvisePoison poison;
    private readonly MadviseCollapse collapse;
    private readonly ResourceCalls resources;
    private readonly ProcessVm processVm;
    private readonly PidfdCalls pidfds;
    private readonly PolicyCalls policies;
    private readonly MbindCalls mbind;
    private readonly MovePages movePages;
    private readonly IdentityCalls identity;
    private readonly SessionCalls sessions;
    private readonly OldSignalState oldSignals;
    private readonly TaskCalls tasks;
    private readonly TaskTable taskTable;
    private readonly AffinityCalls affinity;
    private readonly FutexCalls futexes;
    private readonly Futex2Calls futexes2;
    private readonly SwapCalls swap;
    private readonly MadviseReclaim reclaim;
    private readonly UserfaultCalls userfaults;
    private readonly PrctlCalls prctl;
    private readonly MemoryMerge merge;
    private readonly ProcessMrelease mrelease;
    private readonly UnameCall uname;

    /// <summary>With the machine's services.</summary>
    public UserCalls(FileServices services, PageMapper mapper, Rmap.AnonVmas anonVmas, Madvise madvise, TaskTable table,
        FutexTable futexTable, List<TaskStruct> woken, SwapCalls swapCalls, Reclaimer reclaimer,
        Poison.MemoryFailure failure, Poison.SoftOffline offline)
    {
        poison = new MadvisePoison(services, failure, offline);
        swap = swapCalls;
        var structs = new UserStructs(services);
        mincore = new Mincore(services, structs, mapper);
        msync = new Msync(services);
        remove = new MadviseRemove(services, madvise);
        willNeed = new MadviseWillNeed(services, madvise);
        collapse = new MadviseCollapse(services, mapper, madvise);
        resources = new ResourceCalls(structs, services.Memory, table);
        processVm = new ProcessVm(services, table);
        reclaim = new MadviseReclaim(services, mapper, madvise, reclaimer);
        pidfds = new PidfdCalls(services, table, madvise, willNeed, remove, reclaim, collapse);
        policies = new PolicyCalls(structs, services, table);
        mbind = new MbindCalls(policies, services.Memory, mapper);
        movePages = new MovePages(services, structs, mapper, table);
        identity = new IdentityCalls(structs, table);
        sessions = new SessionCalls(table);
        oldSignals = new OldSignalState(structs);
        tasks = new TaskCalls(structs);
        taskTable = table;
        prctl = new PrctlCalls(structs, services);
        merge = new MemoryMerge(madvise);
        mrelease = new ProcessMrelease(table, services.Memory, mapper);
        uname = new UnameCall(structs);
        userfaults = new UserfaultCalls(services, structs, mapper, anonVmas, woken);
        var futexServices = new FutexServices(services, structs, futexTable, table);
        futexes = new FutexCalls(futexServices);
        futexes2 = new Futex2Calls(futexServices, futexes);
        affinity = new AffinityCalls(structs, services.Memory, table);
    }

    /// <summary>Begins a call; false if it is another call.</summary>
    public bool TryBegin(in SyscallContext call, out CallProgress? progress)
    {
        progress = new CallProgress(call);
        progress.Steps = Steps(progress) ?? Setup(progress);
        return progress.Steps is not null;
    }

    private IEnumerator<PageLookup>? Steps(CallProgress call) => call.Request.Nr switch
    {
        SyscallNr.Mincore => mincore.Invoke(call),
        SyscallNr.Msync => msync.Invoke(call),
        SyscallNr.Madvise when (Advice)(uint)call.Request.A2 == Advice.WillNeed => willNeed.Invoke(call),
        SyscallNr.Madvise when (Advice)(uint)call.Request.A2 is Advice.HwPoison or Advice.SoftOffline =>
            poison.Invoke(call),
        SyscallNr.Madvise when MadviseReclaim.Takes((Advice)(uint)call.Request.A2) => reclaim.Invoke(call),
        SyscallNr.Madvise when (Advice)(uint)call.Request.A2 == Advice.Collapse => collapse.Invoke(call),
        SyscallNr.Madvise => remove.Invoke(call),
        SyscallNr.Getrlimit => resources.Get(call),
        SyscallNr.Setrlimit => resources.Set(call),
        SyscallNr.Prlimit64 => resources.Exchange(call),
        SyscallNr.Getrusage => resources.Usage(call),
        SyscallNr.Sysinfo => resources.SysInfo(call),
        SyscallNr.ProcessVmReadv => processVm.Invoke(call, writes: false),
        SyscallNr.ProcessVmWritev => processVm.Invoke(call, writes: true),
        SyscallNr.ProcessMadvise => pidfds.Advise(call),
        SyscallNr.PidfdOpen => FileServices.Done(call, pidfds.Open(call)),
        SyscallNr.PidfdGetfd => FileServices.Done(call, pidfds.GetFile(call)),
        SyscallNr.ProcessMrelease => FileServices.Done(call, mrelease.Invoke(call)),
        SyscallNr.Userfaultfd => FileServices.Done(call, userfaults.Open(call)),
        SyscallNr.Ioctl when DescriptorIoctl.Concerns(call) => null,
        SyscallNr.Ioctl when UserfaultCalls.IsOne(call) => userfaults.Control(call),
        SyscallNr.Ioctl when PagemapScan.Concerns(call) => userfaults.Scan.Invoke(call),
        SyscallNr.SetMempolicy => policies.Set(call),
        SyscallNr.GetMempolicy => policies.Get(call),
        SyscallNr.MigratePages => policies.Migrate(call),
        SyscallNr.Mbind => mbind.Bind(call),
        SyscallNr.SetMempolicyHomeNode => FileServices.Done(call, mbind.SetHomeNode(call)),
        SyscallNr.MovePages => movePages.Invoke(call),
        SyscallNr.Swapon => swap.On(call),
        SyscallNr.Swapoff => swap.Off(call),
        _ => null,
    };

    private IEnumerator<PageLookup>? Setup(CallProgress call) => call.Request.Nr switch
    {
        SyscallNr.Getuid or SyscallNr.Geteuid or SyscallNr.Getgid or SyscallNr.Getegid =>
            FileServices.Done(call, IdentityCalls.Get(call)),
        SyscallNr.Setuid or SyscallNr.Setreuid or SyscallNr.Setresuid =>
            FileServices.Done(call, IdentityCalls.SetUsers(call)),
        SyscallNr.Setgid or SyscallNr.Setregid or SyscallNr.Setresgid =>
            FileServices.Done(call, IdentityCalls.SetGroups(call)),
        SyscallNr.Membarrier => FileServices.Done(call, Membarrier.Invoke(call)),
        SyscallNr.Setpgid => FileServices.Done(call, sessions.SetPgid(call)),
        SyscallNr.Getpgid or SyscallNr.Getpgrp or SyscallNr.Getsid => FileServices.Done(call, sessions.Get(call)),
        SyscallNr.Setsid => FileServices.Done(call, sessions.SetSid(call)),
        SyscallNr.Uname => uname.Invoke(call),
        SyscallNr.Capset => identity.SetCapabilities(call),
        SyscallNr.SetTidAddress => FileServices.Done(call, TaskCalls.SetTidAddress(call)),
        SyscallNr.SetRobustList => FileServices.Done(call, TaskCalls.SetRobustList(call)),
        SyscallNr.RtSigpending => tasks.SigPending(call),
        SyscallNr.Futex => futexes.Invoke(call),
        SyscallNr.FutexWaitv => futexes2.WaitV(call),
        SyscallNr.FutexWake => futexes2.Wake(call),
        SyscallNr.FutexWait => futexes2.Wait(call),
        SyscallNr.FutexRequeue => futexes2.Requeue(call),
        SyscallNr.GetRobustList => tasks.GetRobustList(call, taskTable),
        SyscallNr.SchedSetaffinity => affinity.Set(call),
        SyscallNr.SchedGetaffinity => affinity.Get(call),
        SyscallNr.RtSigaction or SyscallNr.RtSigprocmask or SyscallNr.Sigaltstack => oldSignals.Invoke(call),
        SyscallNr.Rseq => tasks.Rseq(call),
        SyscallNr.ArchPrctl => tasks.ArchPrctl(call),
        SyscallNr.Unshare => FileServices.Done(call, UnshareCall.Invoke(call)),
        SyscallNr.Personality => FileServices.Done(call, TaskCalls.Personality(call)),
        SyscallNr.Prctl when TaskCalls.IsKnownOption(call.Request.A0) =>
            FileServices.Done(call, TaskCalls.Prctl(call)),
        SyscallNr.Prctl when MemoryMerge.Takes(call.Request.A0) => FileServices.Done(call, merge.Invoke(call)),
        SyscallNr.Prctl => prctl.Invoke(call),
        _ => null,
    };
}
