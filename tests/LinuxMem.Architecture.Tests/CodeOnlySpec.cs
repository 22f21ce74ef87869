namespace LinuxMem.Architecture.Tests;

public class CodeOnlySpec
{
    [Theory]
    [InlineData("a; // b", "a;     ")]
    [InlineData("a /* b\nc */ d", "a     \n     d")]
    [InlineData("f(\"x{\\\"\");", "f(      );")]
    [InlineData("f('{');", "f(   );")]
    [InlineData("f('\\'');", "f(    );")]
    [InlineData("f(@\"a\\\");", "f(     );")]
    [InlineData("f(@\"a\"\"b\");", "f(       );")]
    [InlineData("f($\"a{g(\"}\")}b\");", "f(             );")]
    [InlineData("f($\"{{{x}\");", "f(        );")]
    [InlineData("f(\"\"\"a\"b\"\"\");", "f(         );")]
    public void Blanks_out_what_is_no_code(string text, string code) => Assert.Equal(code, CodeOnly.Of(text));
}
