using System.Text;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Tests.Strace;

public sealed class ValueParserSpec
{
    [Theory]
    [InlineData("NULL", 0)]
    [InlineData("8192*1024", 8192 * 1024)]
    [InlineData("PROT_READ|PROT_WRITE", 3)]
    [InlineData("PROT_READ|0xfcfffff0", 0xfcfffff1)]
    [InlineData("MAP_HUGETLB|21<<MAP_HUGE_SHIFT", 0x40000 | (21UL << 26))]
    [InlineData("0x4bc /* MADV_??? */", 0x4bc)]
    [InlineData("0x3 /* PROT_READ|PROT_WRITE */", 3)]
    [InlineData("|0x900", 0x900)]
    [InlineData("0666", 438)]
    [InlineData("RLIM64_INFINITY", ulong.MaxValue)]
    [InlineData("-100 /* AT_FDCWD */", ulong.MaxValue - 99)]
    [InlineData("AT_FDCWD</tmp/w>", ulong.MaxValue - 99)]
    [InlineData("MAP_FILE", 0)]
    public void Numbers_are_read_in_all_of_their_spellings(string text, ulong expected)
    {
        StraceValue value = Value(text);
        Assert.True(value.IsNumber, value.Kind.ToString());
        Assert.Equal(expected, value.Number);
    }

    [Fact]
    public void Texts_are_bytes_with_their_escapes_undone()
    {
        StraceValue value = Value("""
            "\177ELF\2\n\x41\"\\"...
            """.Trim());
        Assert.Equal("\u007fELF\u0002\nA\"\\"u8.ToArray(), value.Bytes);
        Assert.True(value.IsCut);
        Assert.False(Value("\"a, b\"").IsCut);
    }

    [Theory]
    [InlineData("3</etc/ld.so.cache>", "/etc/ld.so.cache")]
    [InlineData("3</tmp/x>(deleted)", "/tmp/x")]
    [InlineData("3</dev/null<char 1:3>>", "/dev/null<char 1:3>")]
    [InlineData("4<TCP:[127.0.0.1:1->127.0.0.1:2]>", "TCP:[127.0.0.1:1->127.0.0.1:2]")]
    [InlineData("4<socket:[17]>", "socket:[17]")]
    [InlineData("5</tmp/a\\40b\\76>", "/tmp/a b>")]
    public void Descriptors_may_show_their_paths(string text, string path)
    {
        StraceValue value = Value(text);
        Assert.True(value.IsNumber);
        Assert.Equal(path, value.Label);
    }

    [Fact]
    public void Structures_have_members_and_lists_have_elements()
    {
        StraceValue value = Value("{st_mode=S_IFREG|0644, st_size=47375, st_dev=makedev(0xfe, 0), ...}");
        Assert.Equal(0x81a4UL, value.Member("st_mode")!.Number);
        Assert.Equal(47375UL, value.Member("st_size")!.Number);
        Assert.Equal("makedev", value.Member("st_dev")!.Label);
        Assert.True(value.IsCut);
        StraceValue list = Value("[{iov_base=0x7ff0, iov_len=8}, {iov_base=\"ab\", iov_len=2}]");
        Assert.Equal(2, list.Items.Count);
        Assert.Equal("ab", list.Items[1].Value.Member("iov_base")!.AsString());
        Assert.Equal(2, Value("~[RTMIN RT_1]").Items.Count);
        Assert.Equal("{WIFEXITED(s) && WEXITSTATUS(s) == 0}",
            Value("[{WIFEXITED(s) && WEXITSTATUS(s) == 0}]").Items[0].Value.ToString());
    }

    [Fact]
    public void What_the_kernel_made_of_an_argument_stands_behind_an_arrow()
    {
        StraceValue value = Value("{flags=CLONE_VM, stack=0x7f0, stack_size=0x7fff80} => {parent_tid=[14083]}");
        Assert.Equal(0x100UL, value.Member("flags")!.Number);
        Assert.Equal(14083UL, value.After!.Member("parent_tid")!.Items[0].Value.Number);
    }

    [Fact]
    public void Arguments_may_have_names()
    {
        var fields = ValueParser.Arguments(Encoding.UTF8.GetBytes(
            "child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7ffff7dcfa10"));
        Assert.Equal(["child_stack", "flags", "child_tidptr"], fields.Select(f => f.Name));
        Assert.Equal(0x01000011UL, fields[1].Value.Number);
    }

    [Fact]
    public void What_is_not_understood_is_a_word_up_to_the_next_comma()
    {
        var fields = ValueParser.Arguments("MADV_UNHEARD_OF|4, (odd], 7"u8.ToArray());
        Assert.Equal(StraceValueKind.Word, fields[0].Value.Kind);
        Assert.Equal(7UL, fields[^1].Value.Number);
    }

    private static StraceValue Value(string text) => ValueParser.Value(Encoding.UTF8.GetBytes(text));
}
