using CsCheck;
using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Tests.Vmas;

/// <summary>
/// Random operations on a <see cref="VmaSet"/> against an array of pages: contents, merging (I22), gaps, counters,
/// tree (I21).
/// </summary>
public class VmaSetFuzz
{
    private const int PageCount = 72;

    private static readonly VmFlags[] Kinds =
    [
        VmFlags.Read | VmFlags.Write, VmFlags.Read, VmFlags.None, VmFlags.Read | VmFlags.Exec,
        VmFlags.Read | VmFlags.Write | VmFlags.Locked, VmFlags.Read | VmFlags.DontExpand,
    ];

    private static readonly Gen<(int What, int Page, int Length, int Kind, int Object)> Step =
        Gen.Select(Gen.Int[0, 99], Gen.Int[0, PageCount - 1], Gen.Int[1, 14], Gen.Int[0, 7], Gen.Int[0, 5]);

    [Fact]
    public void Random_operations_agree_with_an_array_of_pages() =>
        Step.List[1, 60].Sample(
            steps =>
            {
                var run = new Run(12);
                foreach (var step in steps)
                    run.Do(step.What, step.Page, step.Length, step.Kind, step.Object);
            },
            iter: 2500, threads: 1);

    [Fact]
    public void Pages_of_8_KiB_agree_too() =>
        Step.List[1, 60].Sample(
            steps =>
            {
                var run = new Run(13);
                foreach (var step in steps)
                    run.Do(step.What, step.Page, step.Length, step.Kind, step.Object);
            },
            iter: 300, threads: 1);

    private sealed class Run
    {
        private const ulong BasePage = 16;
        private readonly int shift;
        private readonly AddressSpace[] objects = [new(1, "/a", false), new(2, "shm", true)];
        private readonly List<VmaSet> others = [];
        private readonly HashSet<ulong> exempt = [];
        private VmaSet set;
        private VmaModel model;
        private readonly AnonVmas anonVmas = new();

        public Run(int shift)
        {
            this.shift = shift;
            set = new VmaSet(shift, BasePage << shift, (BasePage + PageCount) << shift, maxMapCount: 14);
            model = new VmaModel(shift, BasePage, PageCount);
        }

        public void Do(int what, int page, int length, int kind, int target)
        {
            int end = Math.Min(page + length, PageCount);
            if (what < 30)
                Map(page, end, kind, target);
            else if (what < 45)
                Unmap(page, end);
            else if (what < 70)
                Protect(page, end, Kinds[kind % Kinds.Length]);
            else if (what < 80)
                Fault(page, target);
            else if (what < 86)
                Split(page);
            else if (what < 92)
                Expand(page, length);
            else if (what < 96)
                Brk(page, end, target);
            else
                Fork();
            Check(length, kind, target, page);
        }

        private void Map(int from, int to, int kind, int target)
        {
            if (!model.IsFree(from, to) && !Unmap(from, to))
                return;
            AddressSpace? mapping = target < objects.Length ? objects[target] : null;
            VmFlags flags = kind == 7 && mapping is null
                ? Kinds[0] | VmFlags.GrowsDown
                : Kinds[kind % Kinds.Length] | (mapping?.IsShmem == true ? VmFlags.Shared : 0);
            // Files mostly at offsets that go on in the neighbour.
            ulong pgOff = BasePage + (ulong)from + (mapping is not null && kind == 1 ? 5UL : 0);
            Vma vma = set.Map(model.Address(from), model.Address(to), flags, pgOff, mapping, null);
            Assert.True(vma.Start <= model.Address(from) && model.Address(to) <= vma.End);
            Fill(from, to, i => new ModelPage(flags, mapping, pgOff + (ulong)(i - from), null));
        }

        private void Brk(int from, int to, int target)
        {
            if (!model.IsFree(from, to))
                return;
            ulong start = model.Address(from);
            ulong startBrk = target < 3 ? start : 0;
            int before = set.Tree.Count;
            Vma? below = from > 0 ? set.Tree.FindContaining(start - 1) : null;
            Vma vma = set.MapBrk(start, model.Address(to), Kinds[0], startBrk)!;
            Assert.True(ReferenceEquals(vma, below) ? startBrk < start : set.Tree.Count == before + 1);
            if (startBrk == start)
                exempt.Add(start);
            exempt.Add(model.Address(to));
            Fill(from, to, i => new ModelPage(Kinds[0], null, BasePage + (ulong)i, null));
        }

        private bool Unmap(int from, int to)
        {
            var removed = new List<UnmappedRange>();
            Vma? first = set.Tree.FindContaining(model.Address(from));
            bool cuts = first is not null && first.Start < model.Address(from) && first.End > model.Address(to);
            bool full = set.Tree.Count >= set.MaxMapCount;
            Errno error = set.Unmap(model.Address(from), model.Address(to), removed);
            Assert.Equal(cuts && full ? Errno.ENOMEM : Errno.None, error);
            if (error != Errno.None)
            {
                Assert.Empty(removed);
                return false;
            }
            int gone = 0;
            ulong last = 0;
            foreach (UnmappedRange range in removed)
            {
                Assert.True(range.Start >= last && range.Start < range.End);
                last = range.End;
                for (ulong va = range.Start; va < range.End; va += 1UL << shift, gone++)
                {
                    ModelPage page = model.Pages[(va >> shift) - BasePage]!;
                    Assert.Equal((page.Flags, page.Mapping), (range.Flags, range.Mapping));
                    Assert.Equal(page.PgOff, range.PgOff + ((va - range.Start) >> shift));
                }
            }
            Assert.Equal(model.Pages[from..to].Count(p => p is not null), gone);
            Fill(from, to, _ => null);
            return true;
        }

        // As mprotect: VMA by VMA, until one refuses.
        private void Protect(int from, int to, VmFlags flags)
        {
            ulong at = model.Address(from), end = model.Address(to);
            while (at < end && set.Tree.FindIntersection(at, end) is { } vma)
            {
                at = Math.Max(at, vma.Start);
                ulong stop = Math.Min(vma.End, end);
                VmFlags wanted = flags | (vma.Flags & (VmFlags.GrowsDown | VmFlags.Shared));
                Errno error = set.ModifyFlags(vma, at, stop, wanted, out Vma result);
                if (error != Errno.None)
                {
                    Assert.Equal(Errno.ENOMEM, error);
                    Assert.True(set.Tree.Count >= set.MaxMapCount);
                    exempt.Add(at); // the first of two splits may stand
                    return;
                }
                Assert.True(result.Start <= at && stop <= result.End && result.Flags == wanted);
                int first = (int)((at >> shift) - BasePage), last = (int)((stop >> shift) - BasePage);
                Fill(first, last, i => model.Pages[i]! with { Flags = wanted });
                at = stop;
            }
        }

        private void Fault(int page, int target)
        {
            if (set.Tree.FindContaining(model.Address(page)) is not { AnonVma: null } vma)
                return;
            AnonVma? parent = target == 0 ? anonVmas.New(null) : null;
            vma.AnonVma = VmaMergeRules.FindMergeableAnonVma(vma) ?? anonVmas.New(parent);
            model.Pages[page] = model.Pages[page]! with { AnonVma = vma.AnonVma };
        }

        private void Split(int page)
        {
            ulong at = model.Address(page);
            if (set.Tree.FindContaining(at) is not { } vma || vma.Start == at)
                return;
            exempt.Add(at);
            Assert.Equal(at, set.Split(vma, at).Start);
        }

        private void Expand(int page, int length)
        {
            if (set.Tree.FindContaining(model.Address(page)) is not { } vma)
                return;
            int first = (int)((vma.Start >> shift) - BasePage), last = (int)((vma.End >> shift) - BasePage);
            int from = first, to = last;
            ModelPage edge = model.Pages[first]!;
            while (length % 2 == 0 && first - from < length && from > 0 && model.Pages[from - 1] is null
                && edge.PgOff > (ulong)(first - from))
                from--;
            while (length % 3 == 0 && to - last < length && to < PageCount && model.Pages[to] is null)
                to++;
            exempt.Add(model.Address(from));
            exempt.Add(model.Address(to));
            Assert.Same(vma, set.Expand(vma, model.Address(from), model.Address(to)));
            ulong pgOff = edge.PgOff - (ulong)(first - from);
            Fill(from, to, i => i >= first && i < last
                ? model.Pages[i]
                : new ModelPage(vma.Flags, vma.Mapping, pgOff + (ulong)(i - from), null));
        }

        // Goes on with the child; the parent has to stay what it was.
        private void Fork()
        {
            VmaSet parent = set;
            VmaModel parentModel = model;
            set = parent.CopyFor(vma => anonVmas.New(vma.AnonVma));
            model = parentModel.Copy();
            parentModel.AssertEqual(parent);
            others.Add(parent);
            Fill(0, PageCount, i => model.Pages[i] is not { } page
                ? null
                : page with
                {
                    Flags = page.Flags & ~VmFlags.Locked,
                    AnonVma = page.AnonVma is null ? null : set.Tree.FindContaining(model.Address(i))!.AnonVma,
                });
            for (Vma? vma = set.Tree.First; vma is not null; vma = vma.Next)
                exempt.Add(vma.Start);
        }

        private void Fill(int from, int to, Func<int, ModelPage?> page)
        {
            for (int i = from; i < to; i++)
                model.Pages[i] = page(i);
        }

        private void Check(int length, int kind, int target, int page)
        {
            set.Validate();
            model.AssertEqual(set);
            model.AssertCounters(set);
            CheckMerged();
            foreach (AddressSpace mapping in objects)
                Assert.Equal(others.Append(set).Sum(s => VmasOf(s).Count(v => v.Mapping == mapping)), mapping.VmaCount);
            CheckGaps((ulong)length << shift, kind, target, page);
        }

        // I22, in the test's own words: what Linux would have merged is merged.
        private void CheckMerged()
        {
            exempt.RemoveWhere(at => set.Tree.FindContaining(at) is { } vma && vma.Start != at);
            for (Vma? vma = set.Tree.First?.Next; vma is not null; vma = vma.Next)
            {
                Vma below = vma.Prev!;
                bool alike = below.End == vma.Start && below.Flags == vma.Flags && below.Mapping == vma.Mapping
                    && below.PgOff + below.SpanPages == vma.PgOff && !vma.Flags.HasFlag(VmFlags.DontExpand);
                bool sameAnon = below.AnonVma == vma.AnonVma
                    || (below.AnonVma is null && vma.AnonVma!.Parent is null)
                    || (vma.AnonVma is null && below.AnonVma!.Parent is null);
                Assert.Equal(alike && sameAnon, VmaMergeRules.CanMerge(below, vma));
                if (alike && sameAnon)
                    Assert.True(vma.LeftUnmerged && exempt.Contains(vma.Start), $"I22: {below} | {vma}");
            }
        }

        private void CheckGaps(ulong length, int kind, int target, int page)
        {
            ulong low = kind < 3 ? 0 : model.Address(page / 2);
            ulong high = target < 3 ? ulong.MaxValue : model.Address(PageCount - page / 3);
            ulong mask = kind % 3 == 0 ? 0 : (4UL << shift) - (1UL << shift);
            ulong offset = (ulong)target << shift;
            ulong guard = (ulong)(target % 3) << shift;
            Assert.Equal(
                model.GapTopDown(low, high, length, mask, offset, guard),
                set.Tree.FindGapTopDown(low, high, length, mask, offset, guard));
            Assert.Equal(
                model.GapBottomUp(low, high, length, mask, offset, guard),
                set.Tree.FindGapBottomUp(low, high, length, mask, offset, guard));
        }

        private static IEnumerable<Vma> VmasOf(VmaSet vmas)
        {
            for (Vma? vma = vmas.Tree.First; vma is not null; vma = vma.Next)
                yield return vma;
        }
    }
}
