using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;

namespace LinuxMem.Mm.Tests.Injection;

/// <summary>A system call for which memory may be out at several places.</summary>
/// <param name="Prepare">What is done before.</param>
/// <param name="Call">The call; its result.</param>
/// <param name="Errors">What it answers when memory is out.</param>
/// <param name="Undoes">Whether it leaves the mappings as they were then.</param>
/// <param name="UndoesWithMemory">Whether it can do so only with memory, so not when that stays out.</param>
internal sealed record Operation(
    Action<KernelRig, TaskStruct> Prepare, Func<KernelRig, TaskStruct, long> Call, Errno[] Errors, bool Undoes,
    bool UndoesWithMemory = false);

/// <summary>The calls on address spaces and tasks that allocate.</summary>
internal static class Operations
{
    private const ulong At = KernelRig.Arena;
    private static readonly Errno[] NoMemory = [Errno.ENOMEM];

    private static readonly SortedDictionary<string, Operation> All = new(StringComparer.Ordinal)
    {
        ["mmap in a hole"] = new(Nothing, (rig, task) => Mmap(rig, task, At, 4), NoMemory, Undoes: true),
        ["mmap beside its like"] = new((rig, task) => rig.Map(task, At, 4),
            (rig, task) => Mmap(rig, task, At + (4 * rig.Page), 4), NoMemory, Undoes: true),
        ["mmap between its like"] = new(TwoApart, (rig, task) => Mmap(rig, task, At + (2 * rig.Page), 2), NoMemory,
            Undoes: true),
        ["shared mmap"] = new(Nothing, (rig, task) => Call(rig, task, SyscallNr.Mmap, At, 4 * rig.Page, 3, 0x31),
            NoMemory, Undoes: true),
        ["mmap in place of another"] = new(Filled, (rig, task) => Call(rig, task, SyscallNr.Mmap, At + rig.Page,
            rig.Page, 1, 0x32), NoMemory, Undoes: false),
        ["brk"] = new(HeapOfOne, (rig, task) => Brk(rig, task, 5), NoMemory, Undoes: true),
        ["first brk"] = new(Nothing, (rig, task) => Brk(rig, task, 5), NoMemory, Undoes: true),
        ["brk down"] = new(HeapOfFive, (rig, task) => Brk(rig, task, 2), NoMemory, Undoes: true),
        ["munmap in the middle"] = new(Filled,
            (rig, task) => Call(rig, task, SyscallNr.Munmap, At + rig.Page, 2 * rig.Page), NoMemory, Undoes: true),
        ["munmap of an end"] = new(Filled,
            (rig, task) => Call(rig, task, SyscallNr.Munmap, At, 2 * rig.Page), NoMemory, Undoes: true),
        ["mprotect in the middle"] = new(Filled,
            (rig, task) => Call(rig, task, SyscallNr.Mprotect, At + rig.Page, rig.Page, 1), NoMemory, Undoes: true),
        ["mprotect back"] = new(Striped,
            (rig, task) => Call(rig, task, SyscallNr.Mprotect, At + rig.Page, rig.Page, 3), NoMemory, Undoes: true),
        ["mlock"] = new(Filled, (rig, task) => Call(rig, task, SyscallNr.Mlock, At + rig.Page, rig.Page), NoMemory,
            Undoes: true),
        ["madvise"] = new(Filled, (rig, task) => Call(rig, task, SyscallNr.Madvise, At + rig.Page, rig.Page,
            (ulong)Advice.Random), [Errno.EAGAIN], Undoes: true),
        ["madvise mergeable"] = new(Filled, (rig, task) => Call(rig, task, SyscallNr.Madvise, At, 4 * rig.Page,
            (ulong)Advice.Mergeable), [Errno.EAGAIN], Undoes: true),
        ["mbind"] = new(Filled, (rig, task) => Policy(rig, task, SyscallNr.Mbind), NoMemory, Undoes: true),
        ["set_mempolicy"] = new(Nothing, (rig, task) => Policy(rig, task, SyscallNr.SetMempolicy), NoMemory,
            Undoes: true),
        ["guards"] = new((rig, task) => rig.Map(task, At, 4), (rig, task) => Call(rig, task, SyscallNr.Madvise,
            At + rig.Page, rig.Page, (ulong)Advice.GuardInstall), NoMemory, Undoes: false),
        ["mseal"] = new(Filled, (rig, task) => Call(rig, task, SyscallNr.Mseal, At + rig.Page, rig.Page), NoMemory,
            Undoes: true),
        ["mremap in place"] = new(Filled,
            (rig, task) => Call(rig, task, SyscallNr.Mremap, At, 4 * rig.Page, 8 * rig.Page), NoMemory, Undoes: true),
        ["mremap of a part elsewhere"] = new(Filled, (rig, task) => Call(rig, task, SyscallNr.Mremap, At + rig.Page,
            rig.Page, rig.Page, 3, At + (1UL << 30)), NoMemory, Undoes: true, UndoesWithMemory: true),
        ["fork"] = new(Families, (rig, task) => Fork(rig, task, Signal.SigChld, 0), NoMemory, Undoes: true),
        ["vfork"] = new(Families, (rig, task) => Fork(rig, task, Signal.SigChld, CloneFlags.Vm), NoMemory,
            Undoes: true),
        ["thread"] = new(Families, (rig, task) => Fork(rig, task, Signal.None,
            CloneFlags.Vm | CloneFlags.SigHand | CloneFlags.Thread | CloneFlags.Files), NoMemory, Undoes: true),
        ["pipe"] = new(Filled, (rig, task) => Call(rig, task, SyscallNr.Pipe, At), NoMemory, Undoes: true),
    };

    public static IEnumerable<string> Names => All.Keys;

    public static Operation Of(string name) => All[name];

    private static void Nothing(KernelRig rig, TaskStruct task)
    {
    }

    private static void Filled(KernelRig rig, TaskStruct task)
    {
        rig.Map(task, At, 4);
        for (ulong i = 0; i < 4; i++)
            rig.Store(task, At + (i * rig.Page), i + 1);
    }

    private static void TwoApart(KernelRig rig, TaskStruct task)
    {
        rig.Map(task, At, 2);
        rig.Map(task, At + (4 * rig.Page), 2);
    }

    private static void Striped(KernelRig rig, TaskStruct task)
    {
        Filled(rig, task);
        Call(rig, task, SyscallNr.Mprotect, At + rig.Page, rig.Page, 1);
    }

    // Several kinds of mappings, over several page tables.
    private static void Families(KernelRig rig, TaskStruct task)
    {
        Striped(rig, task);
        for (ulong i = 1; i < 4; i++)
        {
            rig.Map(task, At + (i << 21), 2);
            rig.Store(task, At + (i << 21), i);
        }

        Call(rig, task, SyscallNr.Mmap, At + (1UL << 31), 4 * rig.Page, 3, 0x31);
        rig.Store(task, At + (1UL << 31), 9);
    }

    private static void HeapOfOne(KernelRig rig, TaskStruct task) => Brk(rig, task, 1);

    private static void HeapOfFive(KernelRig rig, TaskStruct task)
    {
        Brk(rig, task, 5);
        rig.Store(task, task.Mm.StartBrk, 5);
    }

    private static long Mmap(KernelRig rig, TaskStruct task, ulong at, ulong pages) =>
        Call(rig, task, SyscallNr.Mmap, at, pages * rig.Page, 3, 0x32);

    // A heap that cannot be had is told by the old break.
    private static long Brk(KernelRig rig, TaskStruct task, ulong pages)
    {
        ulong wanted = task.Mm.StartBrk + (pages * rig.Page);
        return Call(rig, task, SyscallNr.Brk, wanted) == (long)wanted ? 0 : -(long)Errno.ENOMEM;
    }

    private static long Fork(KernelRig rig, TaskStruct task, Signal death, CloneFlags flags)
    {
        rig.Trap(task, new SyscallRequest
        {
            Nr = SyscallNr.Clone,
            A0 = (ulong)flags | (ulong)death,
            Child = new IdleProgram(ImageSpec.Empty),
        });
        return task.Result.Value;
    }

    // MPOL_BIND to node 0.
    private static long Policy(KernelRig rig, TaskStruct task, SyscallNr nr)
    {
        bool binds = nr == SyscallNr.Mbind;
        rig.Trap(task, new SyscallRequest
        {
            Nr = nr,
            A0 = binds ? At : 2,
            A1 = binds ? 4 * rig.Page : At,
            A2 = binds ? 2 : 64UL,
            A3 = binds ? At : 0,
            A4 = binds ? 64UL : 0,
            Operands = new SyscallOperands { BuffersUnknown = true, Words = [1] },
        });
        return task.Result.Value;
    }

    private static long Call(KernelRig rig, TaskStruct task, SyscallNr nr, ulong a0, ulong a1 = 0, ulong a2 = 0,
        ulong a3 = 0, ulong a4 = 0) => rig.Call(task, nr, a0, a1, a2, a3, a4).Value;
}
