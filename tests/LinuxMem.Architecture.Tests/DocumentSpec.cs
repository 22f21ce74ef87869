using LinuxMem.Architecture.Tests.Rules;

namespace LinuxMem.Architecture.Tests;

public class DocumentSpec
{
    [Fact]
    public void Links_lead_somewhere() =>
        Assert.Empty(Repository.Documents.SelectMany(file => DocumentRules.BrokenLinks(file, Repository.Exists)));

    [Fact]
    public void Every_room_with_tests_has_a_readme()
    {
        var tested = Rooms.Allowed.Keys.Where(room =>
            Repository.Sources.Any(file => file.IsIn($"tests/LinuxMem.{room}.Tests")));
        Assert.DoesNotContain(tested, room => !Repository.Exists($"src/LinuxMem.{room}/README.md"));
    }

    [Fact]
    public void The_readme_begins_with_the_two_commands()
    {
        string readme = Repository.Text("README.md");
        int run = readme.IndexOf("dotnet run -c Release --project src/LinuxMem.Cli -- run\n", StringComparison.Ordinal);
        int test = readme.IndexOf("dotnet test LinuxMem.Actors.sln\n", StringComparison.Ordinal);
        Assert.InRange(run, 0, 200);
        Assert.InRange(test, run, 300);
    }

    [Fact]
    public void The_readme_names_every_room() => Assert.All(
        Rooms.Allowed.Keys,
        room => Assert.Contains($"(src/LinuxMem.{room})", Repository.Text("README.md"), StringComparison.Ordinal));

    [Fact]
    public void A_link_that_leads_nowhere_is_found()
    {
        var text = "[a](there.md) [b](https://example.org) [c](#part) [d](there.md#part)\n```\n[x](gone.md)\n```\n";
        Assert.Empty(DocumentRules.BrokenLinks(new SourceFile("docs/a.md", text), path => path == "docs/there.md"));
        Assert.Equal(
            ["docs/a.md: the link to gone.md leads nowhere"],
            DocumentRules.BrokenLinks(new SourceFile("docs/a.md", "see [b](gone.md#x)"), _ => false));
    }
}
