using CsCheck;
using LinuxMem.Audit.Oracle;

namespace LinuxMem.Audit.Tests;

public class ContentOracleFuzz
{
    private const int PageShift = 6;
    private const int Mms = 4;
    private const ulong PagesMax = 24;

    private readonly record struct Step(int Op, int Mm, int Other, ulong Page, ulong Count, ulong Offset);

    private static readonly Gen<Step> AnyStep = Gen.Select(
        Gen.Int[0, 99], Gen.Int[1, Mms], Gen.Int[1, Mms], Gen.ULong[1, PagesMax], Gen.ULong[1, 8], Gen.ULong[0, 63],
        (op, mm, other, page, count, offset) => new Step(op, mm, other, page, count, offset));

    private static readonly Gen<Step[]> Steps = AnyStep.Array[1, 300];
    private static readonly Gen<Step[]> Long = AnyStep.Array[20000];

    [Theory]
    [InlineData(PageShift)]
    [InlineData(3)]
    public void A_machine_without_bugs_is_never_blamed(int unitShift) =>
        Steps.Sample(
            steps => Assert.Null(FirstViolation(steps, new NaiveMemory(PageShift, unitShift), unitShift, out _)),
            iter: 1500, threads: 1);

    [Theory]
    [InlineData(PageShift)]
    [InlineData(3)]
    public void A_wrong_value_is_always_reported(int unitShift) =>
        Steps.Sample(
            steps =>
            {
                NaiveMemory memory = new(PageShift, unitShift);
                Assert.Null(FirstViolation(steps, memory, unitShift, out ContentOracle oracle));
                for (int mm = 1; mm <= Mms; mm++)
                {
                    for (ulong va = 0; va < (PagesMax + 8) << PageShift; va += 8)
                    {
                        string? answer = oracle.Load(mm, va, memory.IsMapped(mm, va) ? memory.Load(mm, va) ^ 1 : 0);
                        Assert.NotNull(answer);
                        Assert.StartsWith("I", answer, StringComparison.Ordinal);
                    }
                }
            },
            iter: 150, threads: 1);

    [Fact]
    public void A_fork_that_does_not_copy_is_found() =>
        AssertFound(new NaiveMemory(PageShift, 3) { ForkShares = true }, "I40");

    [Fact]
    public void Pages_that_are_not_cleared_are_found() =>
        AssertFound(new NaiveMemory(PageShift, 3) { PagesAreNotCleared = true }, "I40");

    private static void AssertFound(NaiveMemory broken, string id)
    {
        // One long walk from a fixed seed: the bug shows within it or the oracle is blind.
        PCG random = new(1, 42);
        Step[] steps = Long.Generate(random, null, out _);
        string? violation = FirstViolation(steps, broken, 3, out _);
        Assert.NotNull(violation);
        Assert.StartsWith(id, violation, StringComparison.Ordinal);
    }

    /// <summary>Carries the steps out on both; what the memory answers goes to the oracle as observed.</summary>
    private static string? FirstViolation(Step[] steps, NaiveMemory memory, int unitShift, out ContentOracle oracle)
    {
        oracle = new ContentOracle(PageShift, unitShift);
        int nextObject = 10;
        ulong nextValue = 1;
        foreach (Step step in steps)
        {
            string? violation = step.Op < 60
                ? Access(step, memory, oracle, ref nextValue)
                : Change(step, memory, oracle, ref nextObject);
            if (violation != null)
                return violation;
        }

        return null;
    }

    private static string? Access(Step step, NaiveMemory memory, ContentOracle oracle, ref ulong nextValue)
    {
        ulong va = (step.Page << PageShift) + step.Offset;
        if (!memory.IsMapped(step.Mm, va))
            return null;
        if (step.Op >= 30)
            return oracle.Load(step.Mm, va, memory.Load(step.Mm, va));
        memory.Store(step.Mm, va, nextValue);
        return oracle.Store(step.Mm, va, nextValue++);
    }

    private static string? Change(Step step, NaiveMemory memory, ContentOracle oracle, ref int nextObject)
    {
        ulong start = step.Page << PageShift;
        ulong end = (step.Page + step.Count) << PageShift;
        switch (step.Op)
        {
            case < 74:
                memory.Map(step.Mm, step.Page, step.Count, shared: false, 0, 0);
                oracle.Map(step.Mm, start, end, shared: false, 0, 0);
                break;
            case < 80:
                // Object 1 never loses its last mapping: mm 9 keeps it.
                memory.Map(step.Mm, step.Page, step.Count, step.Offset < 40, 1, step.Offset % 4);
                oracle.Map(9, 1 << PageShift, 2 << PageShift, shared: true, 1, 0);
                oracle.Map(step.Mm, start, end, step.Offset < 40, 1, step.Offset % 4);
                break;
            case < 82:
                nextObject++;
                memory.Map(step.Mm, step.Page, step.Count, shared: true, nextObject, 3);
                oracle.Map(step.Mm, start, end, shared: true, nextObject, 3);
                break;
            case < 90:
                memory.Unmap(step.Mm, step.Page, step.Count);
                oracle.Unmap(step.Mm, start, end);
                break;
            case < 94 when step.Mm != step.Other:
                memory.Exit(step.Other);
                oracle.Exit(step.Other);
                memory.Fork(step.Mm, step.Other);
                oracle.Fork(step.Mm, step.Other);
                break;
            case < 98:
                ulong target = (step.Page + step.Count + step.Offset) % PagesMax;
                if (target < step.Page + step.Count && step.Page < target + step.Count)
                    break;
                memory.Move(step.Mm, step.Page, target, step.Count);
                oracle.Move(step.Mm, start, target << PageShift, step.Count << PageShift);
                break;
        }

        return null;
    }
}
