using LinuxMem.Architecture.Tests.Rules;

namespace LinuxMem.Architecture.Tests;

public class CodeSpec
{
    [Fact]
    public void Programs_reach_for_nothing_outside() =>
        Assert.Empty(Repository.Sources.SelectMany(CodeRules.ImpureWorkload));

    [Fact]
    public void The_simulator_has_no_asynchronous_code() =>
        Assert.Empty(Repository.Sources.SelectMany(CodeRules.Asynchronous));

    [Fact]
    public void No_banned_symbol_is_let_in() => Assert.Empty(Repository.Sources.SelectMany(CodeRules.LiftedBans));

    [Fact]
    public void Actors_with_children_say_how_they_are_supervised() =>
        Assert.Empty(Repository.Sources.SelectMany(CodeRules.UnsupervisedChildren));

    [Theory]
    [InlineData("src/LinuxMem.Workloads/Programs/A.cs", "File.OpenRead(path);", false)]
    [InlineData("src/LinuxMem.Workloads/Programs/A.cs", "Console.WriteLine();", false)]
    [InlineData("src/LinuxMem.Workloads/Programs/A.cs", "new Thread(Run);", false)]
    [InlineData("src/LinuxMem.Workloads/Programs/A.cs", "call.File.Length;", true)]
    [InlineData("src/LinuxMem.Workloads/Programs/A.cs", "// File.OpenRead(path);", true)]
    [InlineData("src/LinuxMem.Workloads/Inputs/A.cs", "File.OpenRead(path);", true)]
    public void A_program_that_reaches_outside_is_found(string path, string code, bool isFine) =>
        Assert.Equal(isFine, !CodeRules.ImpureWorkload(new SourceFile(path, code)).Any());

    [Theory]
    [InlineData("src/LinuxMem.Actors/Cpu/MmuActor.cs", "async void Run()", false)]
    [InlineData("src/LinuxMem.Mm/A.cs", "Task.Run(f);", false)]
    [InlineData("src/LinuxMem.Mm/A.cs", "cpu.Task = next;", true)]
    [InlineData("src/LinuxMem.Mm/A.cs", "f(\"async\");", true)]
    [InlineData("src/LinuxMem.Cli/A.cs", "async Task Run()", true)]
    public void Asynchronous_code_is_found(string path, string code, bool isFine) =>
        Assert.Equal(isFine, !CodeRules.Asynchronous(new SourceFile(path, code)).Any());

    [Theory]
    [InlineData("src/LinuxMem.Mm/A.cs", "#pragma warning disable RS0030", false)]
    [InlineData("src/LinuxMem.Mm/A.cs", "#pragma warning disable", false)]
    [InlineData("src/LinuxMem.Mm/A.cs", "#pragma warning disable CA2254", true)]
    [InlineData("src/LinuxMem.Cli/Hosting/WallClock.cs", "#pragma warning disable RS0030 // the command's wall clock",
        true)]
    public void A_lifted_ban_is_found(string path, string code, bool isFine) =>
        Assert.Equal(isFine, !CodeRules.LiftedBans(new SourceFile(path, code)).Any());

    [Theory]
    [InlineData("Context.ActorOf(props);", false)]
    [InlineData("Context.ActorOf(props); override SupervisorStrategy SupervisorStrategy() => x;", true)]
    public void Unsupervised_children_are_found(string code, bool isFine) =>
        Assert.Equal(isFine, !CodeRules.UnsupervisedChildren(new SourceFile("src/LinuxMem.Actors/A.cs", code)).Any());
}
