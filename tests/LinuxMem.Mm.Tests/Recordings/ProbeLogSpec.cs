namespace LinuxMem.Mm.Tests.Recordings;

/// <summary>Random walks over the memory calls, recorded on Linux 6.18 by tests/tools/memprobe.c.</summary>
public class ProbeLogSpec
{
    public static TheoryData<string> Names => [.. Directory.GetFiles(Folder, "*.log.gz").Order(StringComparer.Ordinal)
        .Select(path => Path.GetFileName(path)!)];

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Recordings", "Data");

    [Theory]
    [MemberData(nameof(Names))]
    public void The_kernel_says_what_Linux_said(string name)
    {
        using var log = new ProbeLog(ProbeLog.Read(Path.Combine(Folder, name)), privileged: !name.Contains('u'));
        log.Run();
        Assert.True(log.Differences.Count == 0, string.Join('\n', log.Differences));
        Assert.True(log.Checked > 500);
    }
}
