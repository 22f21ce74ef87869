using LinuxMem.Abi;
using LinuxMem.Mm.Vmas;
using Xunit.Abstractions;

namespace LinuxMem.Mm.Tests.Exhaustive;

/// <summary>
/// Every state that a set of VMAs over a few pages can reach by mapping, unmapping and protecting, each compared with
/// an array of pages: as many states as arrays, since neighbours that can be one are one.
/// </summary>
public class VmaStates(ITestOutputHelper output)
{
    private const int Shift = 12;
    private const ulong Base = 16;
    private static readonly VmFlags[] Kinds = [VmFlags.Read | VmFlags.Write, VmFlags.Read];

    private enum Call
    {
        Unmap,
        Map,
        Protect,
    }

    [Fact]
    public void Every_reachable_state_is_that_of_an_array_of_pages()
    {
        const int pages = 6;
        var seen = new HashSet<string>();
        var open = new Queue<Op[]>();
        Op[] all = [.. Ops(pages)];
        open.Enqueue([]);
        seen.Add(Key(new State(pages)));
        long transitions = 0;
        while (open.TryDequeue(out Op[]? path))
        {
            foreach (Op op in all)
            {
                var state = new State(pages);
                foreach (Op earlier in path)
                    state.Do(earlier);
                state.Do(op);
                state.Check();
                transitions++;
                if (seen.Add(Key(state)))
                    open.Enqueue([.. path, op]);
            }
        }

        output.WriteLine($"{seen.Count} states, {transitions} transitions");
        Assert.Equal(729, seen.Count);
    }

    private static IEnumerable<Op> Ops(int pages)
    {
        for (int first = 0; first < pages; first++)
        {
            for (int end = first + 1; end <= pages; end++)
            {
                yield return new Op(Call.Unmap, first, end, 0);
                for (int kind = 0; kind < Kinds.Length; kind++)
                {
                    yield return new Op(Call.Map, first, end, kind);
                    yield return new Op(Call.Protect, first, end, kind);
                }
            }
        }
    }

    private static string Key(State state) => string.Join(' ', state.Vmas.Select(vma =>
        $"{(vma.Start >> Shift) - Base}-{(vma.End >> Shift) - Base}{(vma.Flags == Kinds[0] ? 'w' : 'r')}"
            + (vma.LeftUnmerged ? "!" : "")));

    private readonly record struct Op(Call Call, int First, int End, int Kind);

    private sealed class State(int pages)
    {
        private readonly VmaSet set = new(Shift, 0, 1UL << 40);
        private readonly VmFlags?[] model = new VmFlags?[pages];
        private readonly List<UnmappedRange> removed = [];

        public IEnumerable<Vma> Vmas
        {
            get
            {
                for (Vma? vma = set.Tree.First; vma is not null; vma = vma.NextVma)
                    yield return vma;
            }
        }

        public void Do(Op op)
        {
            ulong start = At(op.First);
            ulong end = At(op.End);
            VmFlags flags = Kinds[op.Kind];
            if (op.Call == Call.Protect)
            {
                Protect(start, end, flags);
                for (int page = op.First; page < op.End; page++)
                    model[page] = model[page] is null ? null : flags;
                return;
            }

            Assert.Equal(Errno.None, set.Unmap(start, end, removed));
            removed.Clear();
            if (op.Call == Call.Map)
                set.Map(start, end, flags, start >> Shift, null, null);
            for (int page = op.First; page < op.End; page++)
                model[page] = op.Call == Call.Map ? flags : null;
        }

        public void Check()
        {
            ulong lastEnd = 0;
            Vma? last = null;
            int mapped = 0;
            foreach (Vma vma in Vmas)
            {
                Assert.True(vma.Start >= lastEnd && vma.Start < vma.End);
                Assert.Equal(vma.Start >> Shift, vma.PgOff);
                for (ulong va = vma.Start; va < vma.End; va += 1UL << Shift, mapped++)
                    Assert.Equal(model[(int)((va >> Shift) - Base)], vma.Flags);
                bool mayDiffer = vma.LeftUnmerged || last is null || last.End < vma.Start || last.Flags != vma.Flags;
                Assert.True(mayDiffer, "I22: two neighbours could be one");
                (last, lastEnd) = (vma, vma.End);
            }

            Assert.Equal(model.Count(page => page is not null), mapped);
            Assert.Equal((ulong)mapped, set.TotalVmPages);
            Assert.Equal((ulong)model.Count(page => page == Kinds[0]), set.DataVmPages);
        }

        private void Protect(ulong start, ulong end, VmFlags flags)
        {
            for (ulong at = start; at < end;)
            {
                Vma? vma = set.Tree.FindIntersection(at, end);
                if (vma is null)
                    return;
                ulong from = Math.Max(at, vma.Start);
                ulong to = Math.Min(end, vma.End);
                Assert.Equal(Errno.None, set.ModifyFlags(vma, from, to, flags, out _));
                at = to;
            }
        }

        private static ulong At(int page) => (Base + (ulong)page) << Shift;
    }
}
