using System.Text;
using LinuxMem.Abi;
using LinuxMem.Mm.Proc.Files;

namespace LinuxMem.Mm.Tests.Proc;

public sealed class SeqFileSpec
{
    private readonly List<string> lines = [];
    private int made;

    [Fact]
    public void A_reading_gives_whole_records_as_far_as_a_page_less_a_byte_holds_them()
    {
        Lines(100, length: 100);
        // 40 records are 4,000 bytes; one more would leave no byte to spare in 4,096.
        Assert.Equal(["4000", "4000", "2000", "0"], Sizes(Open(), 131072));
    }

    [Fact]
    public void A_page_is_full_at_4095_bytes()
    {
        Lines(2, length: 4095);
        Assert.Equal(["4095", "4095", "0"], Sizes(Open(), 8192));
        lines.Clear();
        Lines(2, length: 4096);
        // The buffer doubles, and then holds as much as that.
        Assert.Equal(["4096", "4096", "0"], Sizes(Open(), 8192));
        lines.Clear();
        Lines(4, length: 4000);
        lines[0] = new string('y', 5000);
        Assert.Equal(["5000", "8000", "4000", "0"], Sizes(Open(), 65536));
    }

    [Fact]
    public void A_small_buffer_gets_the_rest_of_a_record_first()
    {
        Lines(3, length: 100);
        // As dd bs=64 sees it: what is left of a record, then as many new ones as it takes.
        Assert.Equal(["64", "64", "64", "64", "44", "0"], Sizes(Open(), 64));
    }

    [Fact]
    public void A_record_that_ends_with_the_callers_buffer_is_followed_by_one_made_then()
    {
        Lines(3, length: 100);
        ProcFile file = Open();
        Assert.Equal(50, file.Read(0, new byte[50], out _));
        Assert.Equal(50, file.Read(50, new byte[50], out _));
        Assert.Equal(2, made);
        lines[1] = new string('z', 100);
        byte[] second = new byte[100];
        Assert.Equal(100, file.Read(100, second, out _));
        Assert.Equal((byte)'x', second[0]);
    }

    [Theory]
    [InlineData(0, "012")]
    [InlineData(3, "345")]
    [InlineData(11, "bcd")]
    [InlineData(26, "")]
    [InlineData(99, "")]
    public void A_reading_elsewhere_makes_the_records_up_to_there(long position, string expected)
    {
        lines.AddRange(["0123456789", "abcdefghij", "uvwxyz"]);
        ProcFile file = Open();
        Assert.Equal(20, file.Read(0, new byte[20], out _));
        byte[] bytes = new byte[3];
        int read = file.Read(position, bytes, out Errno error);
        Assert.Equal(Errno.None, error);
        Assert.Equal(expected, Encoding.ASCII.GetString(bytes[..read]));
    }

    [Fact]
    public void A_reading_from_the_start_makes_the_text_anew()
    {
        lines.Add("old");
        ProcFile file = Open();
        byte[] bytes = new byte[8];
        Assert.Equal(3, file.Read(0, bytes, out _));
        lines[0] = "fresh";
        Assert.Equal(5, file.Read(0, bytes, out _));
        Assert.Equal("fresh", Encoding.ASCII.GetString(bytes[..5]));
    }

    [Fact]
    public void What_is_gone_is_no_such_process()
    {
        ProcFile file = new SeqFile(new SingleRecord(_ => false));
        Assert.Equal(0, file.Read(0, new byte[10], out Errno error));
        Assert.Equal(Errno.ESRCH, error);
    }

    [Fact]
    public void Characters_beyond_ascii_count_their_bytes()
    {
        lines.AddRange(["ä\n", "€\n"]);
        byte[] bytes = new byte[16];
        Assert.Equal(7, Open().Read(0, bytes, out _));
        Assert.Equal("ä\n€\n", Encoding.UTF8.GetString(bytes[..7]));
    }

    private void Lines(int count, int length)
    {
        for (int i = 0; i < count; i++)
            lines.Add(new string('x', length));
    }

    private SeqFile Open() => new(new ListRecords(lines.Count, (text, i) =>
    {
        made++;
        text.Append(lines[i]);
    }));

    private static List<string> Sizes(ProcFile file, int wanted)
    {
        var sizes = new List<string>();
        long position = 0;
        int read;
        do
        {
            read = file.Read(position, new byte[wanted], out _);
            position += read;
            sizes.Add(read.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
        while (read != 0);
        return sizes;
    }
}
