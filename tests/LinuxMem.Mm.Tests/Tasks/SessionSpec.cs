using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;

namespace LinuxMem.Mm.Tests.Tasks;

/// <summary>Process groups and sessions, and what is sent to and waited for by group.</summary>
public sealed class SessionSpec : IDisposable
{
    private readonly KernelRig rig = new();
    private readonly TaskStruct leader;
    private readonly TaskStruct child;

    public SessionSpec()
    {
        leader = rig.Start();
        child = rig.Fork(leader);
    }

    public void Dispose() => rig.Dispose();

    [Fact]
    public void A_child_is_in_its_parents_group_until_it_is_moved()
    {
        Assert.Equal(leader.Tid, Call(child, SyscallNr.Getpgrp));
        Assert.Equal(0, Call(leader, SyscallNr.Setpgid, child.Tid));
        Assert.Equal(child.Tid, Call(leader, SyscallNr.Getpgid, child.Tid));
        Assert.Equal(leader.Tid, Call(child, SyscallNr.Getsid));
        Assert.Equal(0, Call(leader, SyscallNr.Setpgid, child.Tid, leader.Tid));
    }

    [Fact]
    public void Moves_are_refused_as_linux_refuses_them()
    {
        Assert.Equal(-(long)Errno.EPERM, Call(leader, SyscallNr.Setpgid)); // leads a session
        Assert.Equal(-(long)Errno.EINVAL, Call(child, SyscallNr.Setpgid, 0, -1));
        Assert.Equal(-(long)Errno.ESRCH, Call(child, SyscallNr.Setpgid, leader.Tid));
        Assert.Equal(-(long)Errno.ESRCH, Call(leader, SyscallNr.Setpgid, 4711));
        Assert.Equal(-(long)Errno.EPERM, Call(leader, SyscallNr.Setpgid, child.Tid, 4711)); // no such group
        child.Group.HasExecuted = true;
        Assert.Equal(-(long)Errno.EACCES, Call(leader, SyscallNr.Setpgid, child.Tid));
    }

    [Fact]
    public void Who_leads_no_group_can_begin_a_session()
    {
        Assert.Equal(-(long)Errno.EPERM, Call(leader, SyscallNr.Setsid));
        Assert.Equal(child.Tid, Call(child, SyscallNr.Setsid));
        Assert.Equal(child.Tid, Call(child, SyscallNr.Getsid));
        Assert.Equal(-(long)Errno.EPERM, Call(child, SyscallNr.Setsid));
    }

    [Fact]
    public void Signals_go_to_all_of_a_group()
    {
        TaskStruct other = rig.Fork(leader);
        Call(leader, SyscallNr.Setpgid, child.Tid);
        Call(leader, SyscallNr.Setpgid, other.Tid, child.Tid);
        Assert.Equal(0, Call(leader, SyscallNr.Kill, -child.Tid, (long)Signal.SigTerm));
        Assert.True(Ends(child) && Ends(other), "both are told");
        Assert.False(Ends(leader));
        Assert.Equal(-(long)Errno.ESRCH, Call(leader, SyscallNr.Kill, -4711, (long)Signal.SigTerm));
    }

    private static bool Ends(TaskStruct task) =>
        task.GroupExiting || task.FatalSignal != Signal.None || task.Group.ExitSignal != Signal.None;

    private long Call(TaskStruct task, SyscallNr nr, long a0 = 0, long a1 = 0) =>
        rig.Call(task, nr, (ulong)a0, (ulong)a1).Value;
}
