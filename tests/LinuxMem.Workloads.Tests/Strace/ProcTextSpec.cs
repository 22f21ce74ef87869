using System.Text;
using LinuxMem.Workloads.Strace.Checking;

namespace LinuxMem.Workloads.Tests.Strace;

public sealed class ProcTextSpec
{
    private const string First = "00400000-00401000 r--p 00000000 fe:00 12214727      /tmp/f\n";
    private const string FirstHere = "00400000-00401000 r--p 00000000 fe:00 7      /tmp/f\n";
    private const string Second = "00402000-00403000 rw-p 00000000 00:00 0 \n";

    [Fact]
    public void Devices_and_inodes_may_differ_and_reads_may_break_off_at_different_lines()
    {
        var text = new ProcText();
        Assert.True(Read(text, First, FirstHere + Second[..9]));
        Assert.True(Read(text, Second, Second[9..]));
        Assert.True(Read(text, "", ""));
    }

    [Theory]
    [InlineData(First + Second, FirstHere)]
    [InlineData(First, FirstHere + Second)]
    [InlineData(First + Second, Second + FirstHere)]
    public void A_line_too_few_too_many_or_elsewhere_is_seen_at_the_end_of_the_file_at_the_latest(
        string logged, string simulated)
    {
        var text = new ProcText();
        Assert.False(Read(text, logged, simulated) && Read(text, "", ""));
    }

    [Fact]
    public void What_strace_cut_off_is_not_compared()
    {
        var text = new ProcText();
        Assert.True(text.Read(Bytes(First[..20]), Bytes(FirstHere + Second), isCut: true)!.Value.IsEqual);
        Assert.Null(text.Read([], Bytes(Second), isCut: false));
    }

    // Pages of the executable are dirty if it was written a moment ago; the vdso's page is shared with other processes.
    [Theory]
    [InlineData(812, 808, 4, 650, 158, true)]
    [InlineData(812, 808, 4, 800, 8, true)]
    [InlineData(812, 812, 0, 812, 0, true)]
    [InlineData(816, 812, 4, 650, 162, false)]
    [InlineData(812, 800, 12, 650, 150, false)]
    [InlineData(812, 808, 4, 650, 157, false)]
    public void Clean_and_dirty_pages_are_compared_together(
        long rss, long pss, long shared, long clean, long dirty, bool isEqual)
    {
        string logged = $"Rss: {rss} kB\nPss: {pss} kB\nShared_Clean: {shared} kB\nShared_Dirty: 0 kB\n"
            + $"Private_Clean: {clean} kB\nPrivate_Dirty: {dirty} kB\n";
        const string simulated = "Rss: 812 kB\nPss: 812 kB\nShared_Clean: 0 kB\nShared_Dirty: 0 kB\n"
            + "Private_Clean: 656 kB\nPrivate_Dirty: 156 kB\n";
        Assert.Equal(isEqual, Read(new ProcText(), logged, simulated));
    }

    private static bool Read(ProcText text, string logged, string simulated) =>
        text.Read(Bytes(logged), Bytes(simulated), isCut: false)!.Value.IsEqual;

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
