using LinuxMem.Mm.Oom;

namespace LinuxMem.Mm.Tests.Oom;

/// <summary>What the kernel has printed.</summary>
public sealed class KernelLogSpec
{
    [Fact]
    public void A_text_of_several_lines_is_as_many_lines_of_one_moment()
    {
        var log = new KernelLog();
        log.Print(5, "one\ntwo");
        log.Print(7, "three");
        Assert.Equal([(5, "one"), (5, "two"), (7, "three")], log.Lines);
    }

    [Fact]
    public void A_message_in_masses_comes_ten_times_in_five_seconds_and_then_how_many_were_kept_back()
    {
        var log = new KernelLog();
        var limit = new PrintLimit(log, "__end_swap_bio_write");
        for (int i = 0; i < 25; i++)
            limit.Print(i, "failed");
        Assert.Equal(10, log.Lines.Count);
        limit.Print(5_000_000_001, "failed");
        Assert.Equal(["__end_swap_bio_write: 15 callbacks suppressed", "failed"],
            log.Lines.Skip(10).Select(line => line.Text));
    }

    [Fact]
    public void The_oldest_texts_make_room_for_the_newest()
    {
        var log = new KernelLog();
        string text = new('x', KernelLog.CharsMax / 4);
        for (int i = 0; i < 100; i++)
            log.Print(i, text);
        Assert.Equal([96, 97, 98, 99], log.Lines.Select(line => line.AtNs));
        log.Print(100, new string('y', 2 * KernelLog.CharsMax));
        Assert.Equal([100L], log.Lines.Select(line => line.AtNs));
    }
}
