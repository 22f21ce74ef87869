using System.Text.RegularExpressions;
using LinuxMem.Architecture.Tests.Rules;

namespace LinuxMem.Architecture.Tests;

public class ProjectSpec
{
    [Fact]
    public void Projects_refer_only_to_rooms_that_they_may_know() =>
        Assert.Empty(Repository.Projects.SelectMany(ProjectRules.ForbiddenReferences));

    [Fact]
    public void Akka_is_in_its_rooms_only() => Assert.Empty(Repository.Projects.SelectMany(ProjectRules.ForbiddenAkka));

    [Fact]
    public void Projects_have_no_rules_of_their_own() =>
        Assert.Empty(Repository.Projects.SelectMany(ProjectRules.OwnRules));

    [Fact]
    public void Every_room_has_a_project() =>
        Assert.DoesNotContain(
            Rooms.Allowed.Keys, room => !Repository.Exists($"src/LinuxMem.{room}/LinuxMem.{room}.csproj"));

    [Fact]
    public void The_solution_has_every_project_and_no_other()
    {
        var listed = Regex.Matches(Repository.Text("LinuxMem.Actors.sln"), "\"([^\"]+\\.csproj)\"")
            .Select(match => match.Groups[1].Value.Replace('\\', '/'));
        Assert.Equal(Repository.Projects.Select(project => project.Path), listed.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("src/LinuxMem.Mm/LinuxMem.Mm.csproj", "LinuxMem.Arch", true)]
    [InlineData("src/LinuxMem.Mm/LinuxMem.Mm.csproj", "LinuxMem.Actors", false)]
    [InlineData("src/LinuxMem.Cli/LinuxMem.Cli.csproj", "LinuxMem.Mm", false)]
    [InlineData("src/LinuxMem.Audit/LinuxMem.Audit.csproj", "LinuxMem.Mm", false)]
    [InlineData("tests/LinuxMem.Arch.Tests/LinuxMem.Arch.Tests.csproj", "LinuxMem.Arch", true)]
    [InlineData("tests/LinuxMem.Arch.Tests/LinuxMem.Arch.Tests.csproj", "LinuxMem.Mm", false)]
    [InlineData("src/LinuxMem.Attic/LinuxMem.Attic.csproj", "LinuxMem.Abi", false)]
    public void A_reference_to_the_wrong_room_is_found(string path, string reference, bool isFine)
    {
        var project = Project(path, $"<ProjectReference Include=\"../../src/{reference}/{reference}.csproj\" />");
        Assert.Equal(isFine, !ProjectRules.ForbiddenReferences(project).Any());
    }

    [Theory]
    [InlineData("src/LinuxMem.Actors/LinuxMem.Actors.csproj", true)]
    [InlineData("tests/LinuxMem.Actors.Tests/LinuxMem.Actors.Tests.csproj", true)]
    [InlineData("src/LinuxMem.Mm/LinuxMem.Mm.csproj", false)]
    public void Akka_in_the_wrong_room_is_found(string path, bool isFine) =>
        Assert.Equal(isFine, !ProjectRules.ForbiddenAkka(Project(path, "<PackageReference Include=\"Akka\" />")).Any());

    [Theory]
    [InlineData("<PackageReference Include=\"Akka\" />", true)]
    [InlineData("<PackageReference Include=\"Akka\" Version=\"1.5.74\" />", false)]
    [InlineData("<NoWarn>CS1591</NoWarn>", false)]
    public void A_projects_own_rule_is_found(string line, bool isFine) =>
        Assert.Equal(isFine, !ProjectRules.OwnRules(Project("src/LinuxMem.Mm/LinuxMem.Mm.csproj", line)).Any());

    private static SourceFile Project(string path, string line) =>
        new(path, $"<Project><ItemGroup>{line}</ItemGroup></Project>");
}
