using CsCheck;
using LinuxMem.Reporting.Text;

namespace LinuxMem.Reporting.Tests;

public sealed class SafeTextSpec
{
    [Theory]
    [InlineData("httpd", "httpd")]
    [InlineData("größe 日本", "größe 日本")]
    [InlineData("\u001b[31mred\u001b[0m", "?[31mred?[0m")]
    [InlineData("a\nb\tc\0", "a?b?c?")]
    [InlineData("abc\u202etxt.exe\u200b", "abc?txt.exe?")]
    [InlineData("😀", "😀")]
    public void What_does_not_simply_show_becomes_a_question_mark(string text, string expected) =>
        Assert.Equal(expected, SafeText.Clean(text));

    [Fact]
    public void Half_a_character_becomes_a_question_mark() => Assert.Equal("x?y", SafeText.Clean("x\ud800y"));

    [Fact]
    public void Long_text_is_cut_to_the_length_and_never_within_a_character()
    {
        Assert.Equal("abcde...", SafeText.Clean("abcdefghijkl", 8));
        Assert.Equal("abcd...", SafeText.Clean("abcd😀efghij", 8));
        Assert.Equal(20, SafeText.Clean(new string('x', 10_000_000), 20).Length);
    }

    [Fact]
    public void Any_text_comes_out_without_control_characters_and_cleaning_twice_changes_nothing() =>
        Gen.Char.Array[0, 40].Sample(chars =>
        {
            string clean = SafeText.Clean(new string(chars), 30);
            return clean.Length <= 30 && !clean.Any(char.IsControl) && SafeText.Clean(clean, 30) == clean;
        });
}
