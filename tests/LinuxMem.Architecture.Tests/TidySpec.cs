using LinuxMem.Architecture.Tests.Rules;

namespace LinuxMem.Architecture.Tests;

public class TidySpec
{
    [Fact]
    public void No_line_is_too_long() => Assert.Empty(Repository.Sources.SelectMany(TidyRules.LongLines));

    [Fact]
    public void No_file_is_too_long() => Assert.Empty(Repository.Sources.SelectMany(TidyRules.LongFile));

    [Fact]
    public void No_member_is_too_long() =>
        Assert.Empty(Repository.Sources.SelectMany(file => MethodLengths.LongerThan(file, TidyRules.MemberMax)));

    [Fact]
    public void No_line_ends_in_spaces() => Assert.Empty(Repository.Texts.SelectMany(TidyRules.TrailingSpaces));

    [Fact]
    public void There_are_no_regions() => Assert.Empty(Repository.Sources.SelectMany(TidyRules.Regions));

    [Fact]
    public void What_is_left_for_later_names_its_issue() =>
        Assert.Empty(Repository.Texts.SelectMany(TidyRules.Leftovers));

    [Fact]
    public void The_rules_look_at_real_files()
    {
        Assert.True(Repository.Sources.Count > 50, $"only {Repository.Sources.Count} sources were found");
        Assert.Contains(Repository.Sources, file => file.Path == "src/LinuxMem.Simulation/KernelBug.cs");
        Assert.Contains(Repository.Texts, file => file.Path == ".ci/run");
    }

    [Fact]
    public void A_line_of_121_is_too_long()
    {
        Assert.Empty(TidyRules.LongLines(Source(new string('x', 120))));
        Assert.Equal(
            ["a.cs:2: a line of more than 120 characters"], TidyRules.LongLines(Source("\n" + new string('x', 121))));
    }

    [Fact]
    public void A_file_of_401_lines_is_too_long()
    {
        Assert.Empty(TidyRules.LongFile(Source(Repeated("x\n", 400))));
        Assert.Single(TidyRules.LongFile(Source(Repeated("x\n", 401))));
    }

    [Fact]
    public void Spaces_at_the_end_of_a_line_are_found()
    {
        Assert.Empty(TidyRules.TrailingSpaces(Source("a b\n  c")));
        Assert.Equal(2, TidyRules.TrailingSpaces(Source("a \n\t\nb")).Count());
    }

    [Fact]
    public void A_region_is_found()
    {
        Assert.Empty(TidyRules.Regions(Source("// no #region here")));
        Assert.Single(TidyRules.Regions(Source("    #region Fields")));
    }

    [Fact]
    public void Something_left_for_later_is_found_unless_it_names_an_issue()
    {
        string word = "TO" + "DO";
        Assert.Empty(TidyRules.Leftovers(Source($"// {word}(#12): swap")));
        Assert.Single(TidyRules.Leftovers(Source($"// {word}: swap")));
        Assert.Empty(TidyRules.Leftovers(Source("// mastodon")));
    }

    [Theory]
    [InlineData("void M()\n    {\n{0}    }")]
    [InlineData("int P\n    {\n        get\n        {\n{0}        }\n    }")]
    [InlineData("void M<T>(int a = 1)\n        where T : class\n    {\n        if (a == 1) {\n{0}        }\n    }")]
    [InlineData("int M(int a) => a switch\n    {\n{0}    };")]
    public void A_long_member_is_found(string member)
    {
        Assert.Empty(MethodLengths.LongerThan(Type(member, lines: 50), 70));
        Assert.Single(MethodLengths.LongerThan(Type(member, lines: 70), 70));
    }

    [Theory]
    [InlineData("static readonly int[] Table =\n    {\n{0}    };")]
    [InlineData("static Table T => new()\n    {\n{0}    };")]
    [InlineData("// {\n{0}\n")]
    public void A_long_table_is_no_long_member(string member) =>
        Assert.Empty(MethodLengths.LongerThan(Type(member, lines: 100), 70));

    [Fact]
    public void A_member_is_as_long_as_its_declaration_and_body()
    {
        var file = Type("void M(\n        int a)\n    {\n        a++;\n    }", lines: 0);
        Assert.Equal(["a.cs:5: a member of 5 lines, more than 4"], MethodLengths.LongerThan(file, 4));
        Assert.Empty(MethodLengths.LongerThan(file, 5));
    }

    private static SourceFile Type(string member, int lines) => Source(
        $"namespace N;\n\nclass C\n{{\n    {member.Replace("{0}", Repeated("        1,\n", lines))}\n}}\n");

    private static string Repeated(string text, int times) => string.Concat(Enumerable.Repeat(text, times));

    private static SourceFile Source(string text) => new("a.cs", text);
}
