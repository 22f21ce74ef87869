using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Compaction;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Oom;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Poison;

/// <summary>
/// Takes frames out of use that may fail soon: their pages move elsewhere, and nobody notices. And puts frames back
/// into use that were said to have failed.
/// </summary>
/// <remarks>
/// Linux: mm/memory-failure.c: soft_offline_page, soft_offline_in_use_page, unpoison_memory, v6.18. A page can be moved
/// when every CPU has come exactly as far, so that tasks that ask for it (MADV_SOFT_OFFLINE) wait for such a step.
/// </remarks>
public sealed class SoftOffline
{
    private readonly KernelMemory memory;
    private readonly PageMigration migration;
    private readonly FilePages files;
    private readonly Func<int, AddressSpace?> mappingOf;
    private readonly KernelLog log;
    private readonly Action<TaskStruct> wake;
    private readonly List<(TaskStruct Task, Pfn Page)> waiters = [];
    private readonly Dictionary<int, Errno> answers = [];

    /// <summary>Of one machine; a task whose turn has come is given to <paramref name="wake"/>.</summary>
    public SoftOffline(KernelMemory memory, PageMigration migration, FilePages files,
        Func<int, AddressSpace?> mappingOf, KernelLog log, Action<TaskStruct> wake)
    {
        this.memory = memory;
        this.migration = migration;
        this.files = files;
        this.mappingOf = mappingOf;
        this.log = log;
        this.wake = wake;
    }

    /// <summary>Whether somebody waits for a step.</summary>
    public bool WantsStep => waiters.Count > 0;

    /// <summary>A task waits until a frame is out of use, or known not to be; then <see cref="AnswerFor"/>.</summary>
    public void Wait(TaskStruct task, Pfn page)
    {
        task.State = TaskState.WaitingForMemory;
        waiters.Add((task, page));
    }

    /// <summary>What came of what a task waited for; EINTR if nothing yet.</summary>
    public Errno AnswerFor(TaskStruct task) => answers.Remove(task.Tid, out Errno answer) ? answer : Errno.EINTR;

    /// <summary>A kernel step, at which every CPU has come exactly as far and what was stored is in RAM.</summary>
    public void Step(long nowNs)
    {
        foreach ((TaskStruct task, Pfn page) in waiters)
        {
            if (task.State != TaskState.WaitingForMemory)
                continue;
            answers[task.Tid] = Offline(page, nowNs);
            wake(task);
        }

        waiters.Clear();
    }

    /// <summary>
    /// Takes a frame out of use without loss. EOPNOTSUPP: vm.enable_soft_offline is 0; ENXIO: there is no such frame;
    /// EBUSY: its page cannot be moved, and stays usable; ENOMEM: there is nowhere to move it. Precondition: as for
    /// <see cref="Step"/>.
    /// </summary>
    public Errno Offline(Pfn pfn, long nowNs)
    {
        if (!memory.Settings.Vm.EnableSoftOffline)
            return Errno.EOPNOTSUPP;
        if (pfn.Value == 0 || pfn.Value >= memory.Map.FrameCount)
            return Errno.ENXIO;
        PageFrame frame = memory.Map[pfn];
        if ((frame.Flags & PageFlags.HwPoison) != 0)
            return Tell(nowNs, $"soft_offline_page: 0x{pfn.Value:x}: page already poisoned", Errno.None);
        if (memory.Allocator.TakePageOff(pfn))
        {
            memory.RetireFree(pfn);
            return Errno.None;
        }

        if (!migration.MayMove(pfn))
            return Tell(nowNs, $"soft_offline: 0x{pfn.Value:x}: page migration failed, {frame.Place}", Errno.EBUSY);
        if (IsDroppable(frame))
        {
            Drop(pfn, frame);
            return Tell(nowNs, $"soft_offline: 0x{pfn.Value:x}: invalidated", Errno.None);
        }

        Pfn target = new FreeFrames(memory).Take(memory.Allocator.ZoneOf(pfn), 0, 0);
        if (target.IsNone)
            return Errno.ENOMEM;
        if (!migration.Move(pfn, target, poisons: true))
        {
            memory.Allocator.ReturnTaken(memory.Allocator.ZoneOf(target), target);
            return Errno.EBUSY;
        }

        memory.Stat.Add(VmEvent.PgMigrateSuccess);
        migration.Finish(nowNs);
        return Errno.None;
    }

    /// <summary>
    /// Puts a frame back into use (unpoison-pfn). ENXIO: there is no such frame; EBUSY: somebody still refers to it.
    /// </summary>
    /// <remarks>All errors are injected here: Linux says EOPNOTSUPP once hardware has reported one.</remarks>
    public Errno Unpoison(Pfn pfn, long nowNs)
    {
        if (pfn.Value >= memory.Map.FrameCount)
            return Errno.ENXIO;
        string name = $"0x{pfn.Value:x}";
        if ((memory.Map[pfn].Flags & PageFlags.HwPoison) == 0)
            return Tell(nowNs, $"Unpoison: Page was already unpoisoned {name}", Errno.None);
        if (memory.Map[pfn].Place != FramePlace.Poisoned)
            return Tell(nowNs, $"Unpoison: Someone grabs the hwpoison page {name}", Errno.EBUSY);
        memory.PutBack(pfn);
        memory.Struck.Remove(pfn.Value);
        return Tell(nowNs, $"Unpoison: Software-unpoisoned page {name}", Errno.None);
    }

    // Linux: mm/truncate.c: mapping_evict_folio, v6.18: a clean page of a file that nobody maps is simply dropped.
    private bool IsDroppable(in PageFrame frame) => frame.Place == FramePlace.File && frame.MapCount == 0
        && (frame.Flags & PageFlags.Dirty) == 0
        && mappingOf(frame.Owner) is { Host: { IsOnDisk: true, Kind: not InodeKind.BlockDevice } };

    private void Drop(Pfn pfn, in PageFrame frame)
    {
        AddressSpace mapping = mappingOf(frame.Owner)!;
        memory.Map[pfn].Flags |= PageFlags.HwPoison;
        files.Remove(mapping, pfn, 0);
        mapping.Host!.IsWarm = false;
    }

    private Errno Tell(long nowNs, string text, Errno error)
    {
        log.Print(nowNs, text);
        return error;
    }
}
