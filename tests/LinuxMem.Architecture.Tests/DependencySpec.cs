using LinuxMem.Architecture.Tests.Rules;

namespace LinuxMem.Architecture.Tests;

public class DependencySpec
{
    public static TheoryData<string> AllRooms => new(Rooms.Allowed.Keys);

    public static TheoryData<string> PureRooms => new(Rooms.Pure);

    [Theory]
    [MemberData(nameof(AllRooms))]
    public void A_rooms_code_uses_only_rooms_that_it_may_know(string room) =>
        Assert.Empty(DependencyRules.ForbiddenAssemblies(room, Read(room).Assemblies));

    [Theory]
    [MemberData(nameof(PureRooms))]
    public void The_model_has_no_files_threads_or_console(string room) =>
        Assert.Empty(DependencyRules.Impure(Read(room).Types));

    [Fact]
    public void The_kernel_knows_no_results_and_no_engine() =>
        Assert.Empty(DependencyRules.NotForMm(Read("Mm").Types));

    [Fact]
    public void What_an_assembly_uses_is_read_from_it()
    {
        var own = AssemblyTypes.Read(typeof(DependencySpec).Assembly.Location);
        Assert.Contains("xunit.assert", own.Assemblies);
        Assert.Contains("System.IO.File", own.Types);
        Assert.NotEmpty(DependencyRules.Impure(own.Types));
    }

    [Theory]
    [InlineData("System.IO.File", false)]
    [InlineData("System.IO.Stream", false)]
    [InlineData("System.Threading.Thread", false)]
    [InlineData("System.Threading.Tasks.Task", false)]
    [InlineData("System.Threading.Interlocked", true)]
    [InlineData("System.Console", false)]
    [InlineData("System.Runtime.CompilerServices.AsyncTaskMethodBuilder", false)]
    [InlineData("Microsoft.Extensions.Logging.ILogger", false)]
    [InlineData("System.Runtime.InteropServices.NativeMemory", true)]
    [InlineData("System.Span`1", true)]
    public void An_impure_type_is_found(string type, bool isFine) =>
        Assert.Equal(isFine, !DependencyRules.Impure([type]).Any());

    [Theory]
    [InlineData("LinuxMem.Simulation.KernelBug", true)]
    [InlineData("LinuxMem.Simulation.Settings.VmSettings", true)]
    [InlineData("LinuxMem.Simulation.Random.RandomStream", true)]
    [InlineData("LinuxMem.Simulation.Results.RunResult", false)]
    [InlineData("LinuxMem.Simulation.Settings.EngineSettings", false)]
    public void What_is_not_for_the_kernel_is_found(string type, bool isFine) =>
        Assert.Equal(isFine, !DependencyRules.NotForMm([type]).Any());

    [Theory]
    [InlineData("Mm", "LinuxMem.Arch", true)]
    [InlineData("Mm", "LinuxMem.Actors", false)]
    [InlineData("Mm", "Akka", false)]
    [InlineData("Actors", "Akka", true)]
    [InlineData("Audit", "LinuxMem.Mm", false)]
    [InlineData("Cli", "LinuxMem.Mm", false)]
    [InlineData("Audit", "System.Runtime", true)]
    public void A_forbidden_assembly_is_found(string room, string assembly, bool isFine) =>
        Assert.Equal(isFine, !DependencyRules.ForbiddenAssemblies(room, [assembly]).Any());

    private static AssemblyTypes Read(string room) => AssemblyTypes.Read(Rooms.AssemblyPath(room));
}
