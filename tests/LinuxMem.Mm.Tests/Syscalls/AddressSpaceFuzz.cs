using System.Globalization;
using CsCheck;
using LinuxMem.Abi;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Tests.Syscalls;

/// <summary>
/// Random calls and accesses of up to three processes against a model that knows pages only: results, rights,
/// contents; and after each step the VMAs, resident sets, mapcounts; at the end every frame is free again.
/// </summary>
public partial class AddressSpaceFuzz
{
    private const int PageCount = 40;

    /// <summary>For a long run by hand: LINUXMEM_FUZZ_TIMES=200.</summary>
    private static readonly int Times =
        int.Parse(Environment.GetEnvironmentVariable("LINUXMEM_FUZZ_TIMES") ?? "1", CultureInfo.InvariantCulture);

    private static readonly Gen<(int What, int Process, int Page, int Length, int Other)> Step = Gen.Select(
        Gen.Int[0, 129], Gen.Int[0, 2], Gen.Int[0, PageCount - 9], Gen.Int[1, 8], Gen.Int[0, PageCount - 9]);

    [Fact]
    public void Processes_see_what_a_page_at_a_time_model_says() => Check(PagingGeometry.X86_64, 250);

    [Fact]
    public void They_do_on_two_levels_too() => Check(PagingGeometry.I386, 60);

    [Fact]
    public void They_do_where_software_keeps_the_accessed_bit() => Check(PagingGeometry.Alpha, 60);

    private static void Check(PagingGeometry geometry, int iterations) =>
        Step.List[1, 50].Sample(
            steps =>
            {
                using var run = new Run(geometry);
                foreach (var step in steps)
                {
                    run.Do(step.What, step.Process, (ulong)step.Page, (ulong)step.Length, (ulong)step.Other);
                    run.Check();
                }

                run.End();
            },
            iter: iterations * Times, threads: 1);

    private sealed partial class Run : IDisposable
    {
        private readonly KernelRig rig;
        private readonly List<(TaskStruct Task, AddressSpaceModel Model)> processes = [];
        private readonly Dictionary<(int, ulong), ulong> shared = [];
        private readonly Dictionary<int, ulong> objectPages = [];
        private readonly ulong first;
        private readonly long freeAtBoot;
        private ulong stores;
        private int objects;

        public Run(PagingGeometry geometry)
        {
            rig = new KernelRig(geometry);
            freeAtBoot = rig.FreeFrames;
            first = KernelRig.Arena >> geometry.PageShift;
            processes.Add((rig.Start(), new AddressSpaceModel()));
        }

        public void Do(int what, int process, ulong page, ulong length, ulong other)
        {
            (TaskStruct task, AddressSpaceModel model) = processes[process % processes.Count];
            page += first;
            other += first;
            ProtFlags prot = (other % 4) switch
            {
                0 => ProtFlags.None,
                1 => ProtFlags.Read,
                _ => ProtFlags.Read | ProtFlags.Write,
            };
            switch (what)
            {
                case < 18:
                    Map(task, model, page, length, prot, (what & 1) != 0, noReplace: what < 3);
                    break;
                case < 24:
                    Expect(task, Errno.None, SyscallNr.Munmap, Va(page), Va(length));
                    model.Remove(page, length);
                    break;
                case < 34:
                    Errno error = model.Protect(page, length, prot);
                    Expect(task, error, SyscallNr.Mprotect, Va(page), Va(length), (ulong)prot);
                    break;
                case < 46:
                    Remap(task, model, page, length, other, what);
                    break;
                case < 52:
                    Advise(task, model, page, length, what < 50 ? Advice.DontNeed : Advice.DontFork);
                    break;
                case < 57:
                    Brk(task, model, length);
                    break;
                case < 63:
                    Fork(task, model);
                    break;
                case < 66:
                    if (processes.Count > 1)
                        Exit(task);
                    break;
                case < 69:
                    Advise(task, model, page, length, what == 66 ? Advice.GuardRemove : Advice.GuardInstall);
                    break;
                case < 72:
                    Errno locked = model.Lock(page, length, locks: true, IsBeyond);
                    Expect(task, locked, SyscallNr.Mlock, Va(page), Va(length));
                    break;
                case < 74:
                    Errno unlocked = model.Lock(page, length, locks: false, IsBeyond);
                    Expect(task, unlocked, SyscallNr.Munlock, Va(page), Va(length));
                    break;
                case >= 100:
                    DoMore(task, model, page, length, what);
                    break;
                default:
                    for (ulong i = 0; i < length; i++)
                        Access(task, model, what > 95 ? HeapPage(task) + i : page + i, what % 3 != 0);
                    break;
            }
        }

        public void Check()
        {
            var mapped = new Dictionary<uint, int>();
            foreach ((TaskStruct task, AddressSpaceModel model) in processes)
                CheckProcess(task.Mm, model, mapped);
            foreach ((uint pfn, int count) in mapped)
                Assert.Equal(count, rig.Memory.Map[new Arch.Addresses.Pfn(pfn)].MapCount);
        }

        public void End()
        {
            while (processes.Count > 0)
                Exit(processes[^1].Task);
            rig.Memory.Allocator.DrainAll();
            Assert.Equal(freeAtBoot, rig.FreeFrames);
        }

        public void Dispose() => rig.Dispose();

        private ulong Va(ulong page) => page << rig.Geometry.PageShift;

        private ulong HeapPage(TaskStruct task) => task.Mm.StartBrk >> rig.Geometry.PageShift;

        private void Expect(TaskStruct task, Errno error, SyscallNr nr, ulong a0, ulong a1, ulong a2 = 0, ulong a3 = 0,
            ulong a4 = 0) =>
            Assert.Equal((nr, error), (nr, rig.Call(task, nr, a0, a1, a2, a3, a4).Errno));

        private void Map(TaskStruct task, AddressSpaceModel model, ulong page, ulong length, ProtFlags prot, bool share,
            bool noReplace)
        {
            MapFlags flags = MapFlags.Anonymous | (share ? MapFlags.Shared : MapFlags.Private);
            flags |= noReplace ? MapFlags.FixedNoReplace : MapFlags.Fixed;
            bool taken = false;
            for (ulong i = 0; i < length; i++)
                taken |= model.Pages.ContainsKey(page + i);
            Errno error = noReplace && taken ? Errno.EEXIST : Errno.None;
            Expect(task, error, SyscallNr.Mmap, Va(page), Va(length), (ulong)prot, (ulong)flags);
            if (error != Errno.None)
                return;
            int id = share ? ++objects : 0;
            objectPages[id] = length;
            for (ulong i = 0; i < length; i++)
                model.Pages[page + i] = new ModelPage(prot, id, i, 0, false);
        }

        private void Remap(TaskStruct task, AddressSpaceModel model, ulong page, ulong length, ulong other, int what)
        {
            const ulong place = (ulong)(MremapFlags.Fixed | MremapFlags.MayMove);
            if (what < 41)
            {
                bool keepsOld = what == 40;
                ulong flags = keepsOld ? place | (ulong)MremapFlags.DontUnmap : place;
                Errno moved = model.Move(page, other, length, keepsOld);
                Expect(task, moved, SyscallNr.Mremap, Va(page), Va(length), Va(length), flags, Va(other));
                return;
            }

            ulong newLength = 1 + (other % 8);
            Vma? vma = task.Mm.Vmas.Tree.FindContaining(Va(page));
            Errno error = vma is null ? Errno.EFAULT : Errno.None;
            if (error == Errno.None && newLength > length)
                error = GrowError(vma!, model, page, length, newLength);
            Expect(task, error, SyscallNr.Mremap, Va(page), Va(length), Va(newLength));
            if (error != Errno.None)
                return;
            if (newLength < length)
                model.Remove(page + newLength, length - newLength);
            ModelPage last = length < newLength ? model.Pages[page + length - 1] : default;
            for (ulong i = length; i < newLength; i++)
                model.Pages.Add(page + i,
                    last with { Index = last.Index + i - length + 1, Value = 0, Guarded = false });
        }

        private Errno GrowError(Vma vma, AddressSpaceModel model, ulong page, ulong length, ulong newLength)
        {
            if (Va(page + length) > vma.End)
                return Errno.EFAULT;
            for (ulong i = length; i < newLength; i++)
            {
                if (model.Pages.ContainsKey(page + i))
                    return Errno.ENOMEM;
            }

            return Va(page + length) == vma.End ? Errno.None : Errno.ENOMEM;
        }

        private void Advise(TaskStruct task, AddressSpaceModel model, ulong page, ulong length, Advice advice)
        {
            Errno error = model.Advise(page, length, old => Refuses(advice, old), old => advice switch
            {
                Advice.DontFork => old with { DontFork = true },
                Advice.DoFork => old with { DontFork = false },
                Advice.WipeOnFork => old with { WipeOnFork = true },
                Advice.KeepOnFork => old with { WipeOnFork = false },
                Advice.Remove or Advice.Free => old,
                Advice.GuardInstall => old with { Value = 0, Guarded = true },
                Advice.GuardRemove => old with { Guarded = false },
                _ => old with { Value = 0 },
            });
            Expect(task, error, SyscallNr.Madvise, Va(page), Va(length), (ulong)advice);
        }

        private void Brk(TaskStruct task, AddressSpaceModel model, ulong pages)
        {
            ulong end = task.Mm.StartBrk + Va(pages);
            Assert.Equal((long)end, rig.Call(task, SyscallNr.Brk, end).Value);
            for (ulong i = 0; i < 8; i++)
            {
                if (i >= pages)
                    model.Pages.Remove(HeapPage(task) + i);
                else
                    model.Pages.TryAdd(HeapPage(task) + i,
                        new ModelPage(ProtFlags.Read | ProtFlags.Write, 0, 0, 0, false));
            }
        }

        private void Fork(TaskStruct task, AddressSpaceModel model)
        {
            if (processes.Count < 3)
                processes.Add((rig.Fork(task), model.Fork()));
        }

        private bool IsBeyond(ModelPage page) => page.SharedId != 0 && page.Index >= objectPages[page.SharedId];

        private void Exit(TaskStruct task)
        {
            rig.Exit(task);
            processes.RemoveAll(p => p.Task == task);
        }

        private void Access(TaskStruct task, AddressSpaceModel model, ulong page, bool write)
        {
            if (task.State == TaskState.Dead)
                return;
            ProtFlags needed = write ? ProtFlags.Write : ProtFlags.Read;
            bool mapped = model.Pages.TryGetValue(page, out ModelPage content);
            bool beyond = mapped && IsBeyond(content);
            bool refused = (content.Prot & needed) == 0;
            if (!mapped || beyond || refused || content.Guarded)
            {
                if (processes.Count == 1)
                    return;
                Assert.False(rig.Access(task, Va(page), write ? AccessKind.Write : AccessKind.Read));
                SignalCode code = !mapped ? SignalCode.SegvMapErr : refused ? SignalCode.SegvAccErr
                    : content.Guarded ? SignalCode.SegvMapErr : SignalCode.BusAdrErr;
                Assert.Equal((code, Va(page)), (task.Group.ExitSignalCode, task.Group.ExitSignalAddress));
                processes.RemoveAll(p => p.Task == task);
                return;
            }

            if (!write)
            {
                Assert.Equal(ValueOf(content), rig.Load(task, Va(page)));
                return;
            }

            rig.Store(task, Va(page), ++stores);
            if (content.SharedId != 0)
                shared[(content.SharedId, content.Index)] = stores;
            else
                model.Pages[page] = content with { Value = stores };
        }

        private ulong ValueOf(ModelPage content) => content.SharedId == 0
            ? content.Value
            : shared.GetValueOrDefault((content.SharedId, content.Index));

        private void CheckProcess(Mm mm, AddressSpaceModel model, Dictionary<uint, int> mapped)
        {
            mm.Vmas.Validate();
            Assert.Equal((ulong)model.Pages.Count, mm.Vmas.TotalVmPages);
            Assert.Equal((ulong)model.Pages.Values.Count(p => p.Locked), mm.Vmas.LockedVmPages);
            long resident = 0;
            foreach ((ulong page, ModelPage content) in model.Pages)
            {
                CheckFlags(mm.Vmas.Tree.FindContaining(Va(page)), content);
                ulong entry = rig.Entry(mm, Va(page));
                Assert.Equal(content.Guarded, entry == rig.Geometry.Format.GuardEntry);
                if (content.Guarded)
                    continue;
                if (entry == 0)
                {
                    Assert.True(content.SharedId != 0 || content.Value == 0, "a stored page is mapped");
                    continue;
                }

                var pfn = rig.FrameAt(mm, Va(page));
                Assert.Equal(ValueOf(content), rig.Memory.Ram.ReadWord(pfn, 0));
                if (pfn == rig.Memory.ZeroPage)
                    continue;
                resident++;
                mapped[pfn.Value] = mapped.GetValueOrDefault(pfn.Value) + 1;
                Assert.NotEqual(FramePlace.Isolated, rig.Memory.Map[pfn].Place);
            }

            Assert.Equal(resident, mm.Rss);
        }
    }
}
