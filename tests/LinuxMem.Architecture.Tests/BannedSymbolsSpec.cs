namespace LinuxMem.Architecture.Tests;

public class BannedSymbolsSpec
{
    /// <summary>
    /// What must never come into the model: wall time, unseeded randomness, hashes that differ, and what runs beside.
    /// </summary>
    [Theory]
    [InlineData("P:System.DateTime.Now")]
    [InlineData("P:System.DateTime.UtcNow")]
    [InlineData("P:System.DateTimeOffset.Now")]
    [InlineData("P:System.DateTimeOffset.UtcNow")]
    [InlineData("P:System.Environment.TickCount")]
    [InlineData("P:System.Environment.TickCount64")]
    [InlineData("T:System.Diagnostics.Stopwatch")]
    [InlineData("T:System.Random")]
    [InlineData("M:System.Guid.NewGuid")]
    [InlineData("M:System.String.GetHashCode")]
    [InlineData("T:System.HashCode")]
    [InlineData("T:System.Threading.Timer")]
    [InlineData("M:System.Threading.Thread.Sleep(System.Int32)")]
    [InlineData("M:System.Threading.Tasks.Task.Delay(System.Int32)")]
    [InlineData("M:System.Threading.Tasks.Task.Run(System.Action)")]
    [InlineData("T:System.Threading.Tasks.Parallel")]
    [InlineData("T:Akka.Actor.Futures")]
    [InlineData("T:Akka.Actor.PipeToSupport")]
    public void Is_banned_with_a_reason(string symbol)
    {
        string[] entry = Repository.Text("src/BannedSymbols.txt").Split('\n').Select(line => line.Split(';', 2))
            .Single(parts => parts[0] == symbol);
        Assert.True(entry.Length == 2 && entry[1].Trim().Length > 10, $"{symbol}: say what to use instead");
    }

    [Fact]
    public void Every_room_is_analysed()
    {
        string props = Repository.Text("src/Directory.Build.props");
        Assert.Contains("Microsoft.CodeAnalysis.BannedApiAnalyzers", props);
        Assert.Contains("BannedSymbols.txt", props);
        Assert.Contains("dotnet_diagnostic.RS0030.severity = error", Repository.Text(".editorconfig"));
        Assert.DoesNotContain(
            Repository.Projects.Select(project => Path.GetDirectoryName(project.Path)),
            folder => Repository.Exists($"{folder}/Directory.Build.props")
                || Repository.Exists($"{folder}/.editorconfig"));
    }
}
