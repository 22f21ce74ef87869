using System.Globalization;
using System.Text;
using LinuxMem.Abi;
using LinuxMem.Simulation;
using LinuxMem.Workloads.Lackey;

namespace LinuxMem.Workloads.Tests.Lackey;

public class LackeyParserSpec
{
    [Fact]
    public void The_four_kinds_of_access_line_are_read()
    {
        var found = Read("I  0401ab70,3\n L 04030db8,8\n S 1fff000548,16\n M 1fff000abc,4\n");

        Assert.Equal(["X 401ab70", "R 4030db8", "W 1fff000548", "W 1fff000abc", "4 = 4 + 0 + 0 + 0"], found);
    }

    [Fact]
    public void Words_of_valgrind_between_a_call_and_its_result_belong_to_neither()
    {
        var found = Read("SYSCALL[7,1](12) sys_brk ( 0x4854000 )==7== brk segment overflow in thread #1: can't grow\n"
            + "==7== (see section Limitations in user manual)\n --> [pre-success] Success(0x4853000) \n"
            + "I  0401ab70,3\n");

        Assert.Equal(3, found.Count);
        Assert.Contains("4853000", found[0], StringComparison.OrdinalIgnoreCase);
        Assert.Equal(["X 401ab70", "4 = 1 + 1 + 2 + 0"], found[1..]);
    }

    [Fact]
    public void An_access_across_a_page_boundary_touches_both_pages() =>
        Assert.Equal(
            ["X 1000fff", "X 1001000", "R 1000ff8", "2 = 2 + 0 + 0 + 0"], Read("I  01000fff,2\n L 01000ff8,8\n"));

    [Theory]
    [InlineData(" L 00000000,1", "R 0")]
    [InlineData(" S 00001000,4096", "W 1000")]
    [InlineData(" S 00001001,4096", "W 1001 W 2000")]
    [InlineData("I  00000000049193b8,512", "X 49193b8")]
    [InlineData(" L 01ffffffffffffff,1", "R 1ffffffffffffff")]
    [InlineData(" L ffffffff81000000,8", "R ffffffff81000000")]
    [InlineData(" L 8000000000000000,8", "R 8000000000000000+8")]
    [InlineData(" L ffffffffffffffff,1", "R ffffffffffffffff")]
    public void Unusual_accesses_are_read_too(string line, string expected) =>
        Assert.Equal(expected + " 1 = 1 + 0 + 0 + 0", string.Join(" ", Read(line + "\n")));

    [Theory]
    [InlineData("I  0401ab7,3", 11, "fewer than 8")]
    [InlineData("I  0401ab70 3", 12, "no comma")]
    [InlineData("I  0401ab70,", 13, "no decimal length")]
    [InlineData("I  0401ab70,x", 13, "no decimal length")]
    [InlineData("I  0401ab70,3 ", 14, "no decimal length")]
    [InlineData("I  0401ab70,0", 13, "length not from 1")]
    [InlineData("I  0401ab70,03", 13, "length not from 1")]
    [InlineData("I  0401ab70,4097", 13, "length not from 1")]
    [InlineData("I  0401ab70,99999999999999999999", 13, "length not from 1")]
    [InlineData("I  0401AB70,3", 8, "fewer than 8")]
    [InlineData("I  12345678123456781,3", 20, "more than 16")]
    [InlineData(" L ffffffffffffffff,2", 4, "end of the address space")]
    [InlineData("I 0401ab70,3", 1, "neither an access")]
    [InlineData(" X 0401ab70,3", 1, "neither an access")]
    [InlineData("hello, world", 1, "neither an access")]
    [InlineData("=1234== Command", 1, "neither an access")]
    [InlineData("SYSCALL[1,1]", 9, "no SYSCALL")]
    [InlineData("SYSCALL[1,1](9) sys_mmap ( 0x0, 8192", 17, "neither arguments nor a result")]
    [InlineData("SYSCALL[1,1](9) sys_mmap ( 0x0, 8192 ) --> [pre-success] Success(0x4000) ", 17, "too few arguments")]
    [InlineData("SYSCALL[1,1](11) sys_munmap ( 0x1000, zz )[sync] --> Success(0x0) ", 18, "too few arguments")]
    [InlineData("SYSCALL[1,1](3) sys_close ( 5 )[sync] --> Success(0x0) rubbish", 17, "text after the result")]
    [InlineData("SYSCALL[1,1](0) ... [async] --> Perhaps", 17, "no result")]
    [InlineData(" --> [pre-success] Perhaps", 6, "no result")]
    public void A_line_that_no_log_has_is_rejected_with_number_column_and_reason(string line, int column, string reason)
    {
        var counts = new LackeyCounts();
        ReadAll($"I  0401ab70,3\n{line}\nI  0401ab73,3\n", counts);

        Assert.Equal((3, 2, 1), (counts.Lines, counts.Accesses, counts.Rejected));
        string message = Assert.Single(counts.RejectedMessages);
        Assert.StartsWith($"log:2:{column}: ", message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_strict_parser_ends_at_the_first_rejected_line()
    {
        var parser = new LackeyParser(Bytes("I  0401ab70,3\nhello\n"), "x.log", new LackeyCounts(), strict: true);
        var packed = new ulong[8];

        Assert.Equal(LackeyItem.Accesses, parser.Read(packed));
        var error = Assert.Throws<ConfigurationException>(() => parser.Read(packed));
        Assert.StartsWith("x.log:2:1: error: ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("I  0401ab7")]
    [InlineData("I  0401ab70,1")]
    [InlineData("SYSCALL[1,1](3) sys_close ( 5 )[sync] --> Succ")]
    [InlineData("SYSCALL[1,1](257) sys_openat ( 4294967196, 0x4a0fa85(/etc/nss")]
    [InlineData("SYSC")]
    public void A_log_that_ends_within_a_line_is_cut_off(string end)
    {
        var counts = new LackeyCounts();
        ReadAll("I  0401ab70,3\n" + end, counts);

        Assert.Equal((2, 1, 1), (counts.Lines, counts.Accesses, counts.Rejected));
        Assert.Contains("cut off", counts.RejectedMessages[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_may_end_in_an_execve_without_a_line_feed()
    {
        var found = Read("SYSCALL[7,1](59) sys_execve ( 0x10a045(/bin/true), 0x1fff000c10, 0x1fff000dd8 )");

        Assert.Equal(["execve(10a045:/bin/true, 1fff000c10, 1fff000dd8) Unknown 0", "1 = 0 + 1 + 0 + 0"], found);
    }

    [Fact]
    public void Arguments_are_read_in_all_their_notations()
    {
        var found = Read(
            "SYSCALL[7,1](9) sys_mmap ( 0x0, 8192, 3, 34, 4294967295, 0 ) --> [pre-success] Success(0x4835000) \n"
            + "SYSCALL[7,1](8) sys_lseek ( 5, -60, 1 )[sync] --> Success(0x36) \n"
            + "SYSCALL[7,1](158) arch_prctl ( 4098, 4a29740 ) --> [pre-success] Success(0x0) \n"
            + "SYSCALL[7,1](39) sys_getpid ()[sync] --> Success(0x7) \n"
            + "SYSCALL[7,1](228) sys_clock_gettime( 0, 0x12d6b0 )[sync] --> Failure(0x16) \n"
            + "SYSCALL[7,1](15) sys_rt_sigreturn ( ) --> [pre-success] NoWriteResult \n"
            + "SYSCALL[7,1](231) exit_group( 3 ) --> [pre-success] Success(0x0) \n");

        Assert.Equal(
            [
                "mmap(0, 2000, 3, 22, ffffffff, 0) Success 4835000", "lseek(5, ffffffffffffffc4, 1) Success 36",
                "arch_prctl(1002, 4a29740) Success 0", "getpid() Success 7", "clock_gettime(0, 12d6b0) Failure 16",
                "rt_sigreturn() NoResult 0", "exit_group(3) Success 0", "7 = 0 + 7 + 0 + 0",
            ],
            found);
    }

    [Fact]
    public void A_result_on_a_later_line_belongs_to_the_open_call_of_the_same_thread()
    {
        var found = Read(
            "SYSCALL[7,1](0) sys_read ( 5, 0x1000, 832 ) --> [async] ... \n"
            + "SYSCALL[7,2](0) sys_read ( 6, 0x2000, 10 ) --> [async] ... \nI  0401ab70,3\n"
            + "SYSCALL[7,1](0) ... [async] --> Success(0x340) \n"
            + "SYSCALL[7,2](0) ... [async] --> Failure(0x4) \nSYSCALL[7,3](0) ... [async] --> Success(0x1) \n");

        Assert.Equal(
            ["X 401ab70", "read(5, 1000, 340) Success 340", "read(6, 2000, a) Failure 4", "6 = 1 + 2 + 3 + 0"], found);
    }

    [Fact]
    public void A_call_whose_result_never_comes_is_given_before_the_threads_next()
    {
        var found = Read(
            "SYSCALL[7,1](61) sys_wait4 ( 4294967295, 0x1fff00095c, 0, 0x0 ) --> [async] ... \nI  0401ab70,3\n"
            + "SYSCALL[7,1](15) sys_rt_sigreturn ( ) --> [pre-success] NoWriteResult \n");

        Assert.Equal(
            [
                "X 401ab70", "wait4(ffffffff, 1fff00095c, 0, 0) Unknown 0", "rt_sigreturn() NoResult 0",
                "3 = 1 + 2 + 0 + 0",
            ],
            found);
    }

    [Theory]
    [InlineData("   clone(fork): process 7 created child 8\n")]
    [InlineData("\n   clone(fork): process 7 created child 8\n")]
    public void The_result_of_a_fork_is_on_the_line_after_valgrinds_message(string message)
    {
        var found = Read(
            "SYSCALL[7,1](56) sys_clone ( 1200011, 0x0, 0x0, 0x4a27a10, 0x0 )" + message
            + " --> [pre-success] Success(0x8) \nI  04919353,6\n");

        Assert.Equal("clone(1200011, 0, 0, 4a27a10, 0) Success 8 child 8", found[0]);
        Assert.Equal("X 4919353", found[1]);
    }

    [Fact]
    public void A_call_that_the_kernel_does_not_know_fails_on_the_next_line() =>
        Assert.Equal(
            ["() Failure 26", "2 = 0 + 1 + 1 + 0"],
            Read(
                "SYSCALL[7,1](334) unimplemented (by the kernel) syscall: 334! (ni_syscall)\n"
                + " --> [pre-fail] Failure(0x26) \n"));

    [Theory]
    [InlineData("I  0494db42,3", "X 494db42")]
    [InlineData("SYSCALL[7,2](3) sys_close ( 5 )[sync] --> Success(0x0) ", "close(5) Success 0")]
    public void A_line_glued_to_a_result_is_carried_out_but_not_counted(string second, string expected)
    {
        var found = Read(
            "SYSCALL[7,1](56) sys_clone ( 3d0f00, 0x5, 0x6, 0x7, 0x8 ) --> [pre-success] Success(0x20ca) " + second
            + "\nI  0494db45,2\n\n");

        Assert.Equal(["clone(3d0f00, 5, 6, 7, 8) Success 20ca", expected, "X 494db45", "3 = 1 + 1 + 1 + 0"], found);
    }

    [Fact]
    public void Three_lines_glued_together_are_all_carried_out()
    {
        string first = "SYSCALL[7,1](56) sys_clone ( 3d0f00, 0x5, 0x6, 0x7, 0x8 ) --> [pre-success] Success(0x20ca) ";
        string second = "SYSCALL[7,2](0) sys_read ( 1, 0x2, 3 ) --> [async] ... ";
        var found = Read(first + second + "I  0494db42,3\nSYSCALL[7,2](0) ... [async] --> Success(0x2) \n");

        Assert.Equal(
            ["clone(3d0f00, 5, 6, 7, 8) Success 20ca", "X 494db42", "read(1, 2, 3) Success 2", "2 = 0 + 1 + 1 + 0"],
            found);
    }

    [Theory]
    [InlineData("/tmp/a) b,\n ==1== c")]
    [InlineData("/tmp/x\n I  04000000,3")]
    [InlineData("/tmp/a )[sync] --> Success(0x0) b\n\nc")]
    [InlineData("/tmp/, 5) , 0x6(b")]
    [InlineData("/tmp/ä (1) [2], 3")]
    public void A_path_may_hold_parentheses_commas_and_line_feeds(string path)
    {
        string raw = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(path));
        int feeds = path.Count(c => c == '\n');
        var found = Read(
            $"SYSCALL[7,1](257) sys_openat ( 4294967196, 0x10a004({raw}), 524288 ) --> [async] ... \n"
            + "SYSCALL[7,1](257) ... [async] --> Success(0x4) \n");

        Assert.Equal(
            [$"openat(ffffff9c, 10a004:{path}, 80000) Success 4", $"{feeds + 2} = 0 + 1 + {feeds + 1} + 0"], found);
    }

    [Fact]
    public void An_unfinished_string_ends_where_a_line_of_the_log_begins()
    {
        var found = Read("SYSCALL[7,1](257) sys_openat ( 4294967196, 0x10a004(/tmp/a\nI  04919353,6\nI  04919359,2\n");

        Assert.Equal("2 + 1", string.Join(" + ", found[^1].Split(" = ")[1].Split(" + ")[..2]));
        Assert.Contains("X 4919353", found);
    }

    [Fact]
    public void A_line_of_more_than_a_mebibyte_is_rejected_as_one()
    {
        var counts = new LackeyCounts();
        string longer = new('x', (1 << 20) + 1);
        ReadAll("I  0401ab70,3\n" + new string('x', 5 << 20) + "\nI  0401ab70,3\n" + longer, counts);

        Assert.Equal((4, 2, 2), (counts.Lines, counts.Accesses, counts.Rejected));
    }

    [Fact]
    public void The_first_twenty_rejected_lines_are_told()
    {
        var counts = new LackeyCounts();
        ReadAll(string.Concat(Enumerable.Repeat("nonsense\n", 1000)), counts);

        Assert.Equal(1000, counts.Rejected);
        Assert.Equal(20, counts.RejectedMessages.Count);
        Assert.StartsWith("log:20:1: ", counts.RejectedMessages[^1], StringComparison.Ordinal);
    }

    private static List<string> Read(string text)
    {
        var counts = new LackeyCounts();
        var found = ReadAll(text, counts);
        found.Add($"{counts.Lines} = {counts.Accesses} + {counts.Calls} + {counts.Notes} + {counts.Rejected}");
        return found;
    }

    private static List<string> ReadAll(string text, LackeyCounts counts)
    {
        using var parser = new LackeyParser(Bytes(text), "log", counts);
        var packed = new ulong[16];
        var found = new List<string>();
        for (; ; )
        {
            switch (parser.Read(packed))
            {
                case LackeyItem.End:
                    return found;
                case LackeyItem.Accesses:
                    for (int i = 0; i < parser.PackedCount; i++)
                        found.Add($"{Letter(ScatterEntry.KindOf(packed[i]))} {Hex(ScatterEntry.AddressOf(packed[i]))}");
                    break;
                case LackeyItem.WideAccess:
                    found.Add($"{Letter(parser.Access.Kind)} {Hex(parser.Access.Va)}+{parser.Access.Bytes}");
                    break;
                case LackeyItem.Call:
                    found.Add(Text(parser.Call));
                    break;
                default:
                    break;
            }
        }
    }

    private static string Text(LackeyCall call)
    {
        var args = Enumerable.Range(0, call.ArgCount)
            .Select(i => Hex(call.Arg(i)) + (call.Text(i) is { } text ? ":" + text : ""));
        string child = call.CreatedPid > 0 ? $" child {call.CreatedPid}" : "";
        return $"{call.Name}({string.Join(", ", args)}) {call.Outcome} {Hex(call.Result)}{child}";
    }

    private static string Letter(AccessKind kind) => kind switch
    {
        AccessKind.Read => "R",
        AccessKind.Write => "W",
        _ => "X",
    };

    private static string Hex(ulong value) => value.ToString("x", CultureInfo.InvariantCulture);

    private static MemoryStream Bytes(string text) => new(Encoding.Latin1.GetBytes(text));
}
