using CsCheck;
using LinuxMem.Arch.Tests.Support;
using LinuxMem.Arch.Tlbs;

namespace LinuxMem.Arch.Tests;

/// <summary>What has changed in a TLB between two looks.</summary>
public sealed class TlbShadowSpec
{
    [Fact]
    public void The_slots_that_changed_are_those_that_a_slot_by_slot_comparison_finds() =>
        Gen.ULong.Sample(Compare, iter: 200, threads: 1);

    private static void Compare(ulong seed)
    {
        var random = new TestRandom(seed);
        int slots = 1 + random.Below(300);
        ulong[] was = new ulong[2 * slots];
        Array.Fill(was, TlbTag.Empty);
        ulong[] now = [.. was];
        var shadow = new TlbShadow();
        var changed = new List<int>();
        for (int look = 0; look < 6; look++)
        {
            for (int i = random.Below(8); i > 0; i--)
                now[random.Below(2 * slots)] = random.Percent(20) ? TlbTag.Empty : (ulong)random.Below(3);
            shadow.TakeOver(0, now, changed);
            Assert.Equal(Enumerable.Range(0, slots).Where(slot => now[slot] != TlbTag.Empty
                && (now[slot] != was[slot] || now[slots + slot] != was[slots + slot])), changed);
            now.CopyTo(was, 0);
        }
    }
}
