using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;

namespace LinuxMem.Mm.Tests.Syscalls;

/// <summary>Policies of mappings, on a machine whose only node is 0.</summary>
public sealed class MbindSpec : IDisposable
{
    private const ulong At = 0x4000_0000;
    private const ulong Page = 4096;
    private const ulong Bind = 2, Preferred = 1, Local = 4, Strict = 1, MoveAll = 4;
    private readonly KernelRig rig = new(vm: KernelRig.PromisesAll);
    private readonly TaskStruct task;

    public MbindSpec()
    {
        task = rig.Start();
        rig.Map(task, At, 8);
    }

    public void Dispose() => rig.Dispose();

    [Fact]
    public void A_policy_splits_a_mapping_and_the_default_joins_it_again()
    {
        Assert.Equal(Errno.None, Set(At + Page, 2 * Page, Bind));
        Assert.Equal(3, task.Mm.Vmas.Tree.Count);
        Assert.Equal(2u, task.Mm.Vmas.Tree.FindContaining(At + Page)!.Policy.Mode);
        Assert.Equal(Errno.None, Set(At + (3 * Page), Page, Bind));
        Assert.Equal(3, task.Mm.Vmas.Tree.Count);
        Assert.Equal(Errno.None, Set(At, 8 * Page, 0, nodes: 0));
        Assert.Equal(1, task.Mm.Vmas.Tree.Count);
    }

    [Theory]
    [InlineData(At + 1, Page, Bind, 1, 0, Errno.EINVAL)] // not on a page
    [InlineData(At, Page, 9, 1, 0, Errno.EINVAL)] // no such mode
    [InlineData(At, Page, Bind, 2, 0, Errno.EINVAL)] // no such node
    [InlineData(At, Page, Bind, 0, 0, Errno.EINVAL)] // needs a node
    [InlineData(At, Page, 0, 1, 0, Errno.EINVAL)] // may have none
    [InlineData(At, Page, Bind, 1, 8, Errno.EINVAL)] // no such flag
    [InlineData(At, 0, Bind, 1, 0, Errno.None)] // nothing asked
    [InlineData(At, 9 * Page, Bind, 1, 0, Errno.EFAULT)] // a hole behind
    [InlineData(At - Page, 2 * Page, Bind, 1, 0, Errno.EFAULT)] // a hole before
    [InlineData(At - Page, 2 * Page, 0, 0, 0, Errno.None)] // which the default does not mind
    [InlineData(At - Page, Page, 0, 0, 0, Errno.EFAULT)] // nothing mapped at all
    [InlineData(At, Page, Preferred, 0, 0, Errno.None)]
    [InlineData(At, Page, Local, 0, MoveAll, Errno.None)]
    public void Errors_come_in_the_order_of_linux(
        ulong at, ulong bytes, ulong mode, ulong nodes, ulong flags, Errno error) =>
        Assert.Equal(error, Set(at, bytes, mode, nodes, flags));

    [Fact]
    public void Pages_on_a_node_that_the_policy_does_not_name_are_an_error_if_it_is_strict()
    {
        Assert.Equal(Errno.None, Set(At, Page, Local, nodes: 0, flags: Strict));
        rig.Access(task, At, AccessKind.Write);
        Assert.Equal(Errno.EIO, Set(At, Page, Local, nodes: 0, flags: Strict));
        Assert.Equal(Errno.None, Set(At, Page, Bind, flags: Strict));
    }

    [Fact]
    public void Only_some_policies_have_a_home()
    {
        SyscallResult Home(ulong node) => rig.Call(task, SyscallNr.SetMempolicyHomeNode, At, Page, node, 0);
        Assert.Equal(Errno.ENOENT, Home(0).Errno);
        Set(At, Page, Preferred);
        Assert.Equal(Errno.EOPNOTSUPP, Home(0).Errno);
        Set(At, Page, Bind);
        Assert.Equal(Errno.None, Home(0).Errno);
        Assert.Equal(Errno.EINVAL, Home(1).Errno);
    }

    [Fact]
    public void Moving_pages_refuses_other_nodes_and_unknown_tasks()
    {
        Errno Move(ulong pid, ulong node, ulong flags = 2, ulong status = At)
        {
            rig.Trap(task, new SyscallRequest
            {
                Nr = SyscallNr.MovePages,
                A0 = pid,
                A1 = 1,
                A2 = At,
                A3 = At,
                A4 = status,
                A5 = flags,
                Operands = new SyscallOperands { BuffersUnknown = true, Words = [node] },
            });
            return task.Result.Errno;
        }

        Assert.Equal(Errno.None, Move(0, 0));
        Assert.Equal(Errno.ENODEV, Move(0, 1));
        Assert.Equal(Errno.ESRCH, Move(4711, 0));
        Assert.Equal(Errno.EINVAL, Move(0, 0, 8));
        Assert.Equal(Errno.EFAULT, rig.Call(task, SyscallNr.MovePages, 0, 1, 0x10, 0, At).Errno);
        // Nowhere to tell of the first page; of a first page that is refused there is nothing to tell.
        Assert.Equal(Errno.EFAULT, Move(0, 0, status: 0));
        Assert.Equal(Errno.ENODEV, Move(0, 1, status: 0));
    }

    private Errno Set(ulong at, ulong bytes, ulong mode, ulong nodes = 1, ulong flags = 0)
    {
        rig.Trap(task, new SyscallRequest
        {
            Nr = SyscallNr.Mbind,
            A0 = at,
            A1 = bytes,
            A2 = mode,
            A3 = nodes == 0 ? 0 : At,
            A4 = 64,
            A5 = flags,
            Operands = new SyscallOperands { BuffersUnknown = true, Words = [nodes] },
        });
        return task.Result.Errno;
    }
}
