using LinuxMem.Workloads.Inputs;

namespace LinuxMem.Workloads.Tests.Inputs;

/// <summary>A directory that stands for the root of a file system.</summary>
public sealed class SysrootSpec : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lm-sysroot").FullName;

    public SysrootSpec()
    {
        Directory.CreateDirectory(folder + "/home/me");
        File.WriteAllText(folder + "/home/me/prog", "x");
    }

    public void Dispose() => Directory.Delete(folder, true);

    [Theory]
    [InlineData("./prog")]
    [InlineData("prog")]
    [InlineData("../me/prog")]
    [InlineData("/home/me/prog")]
    public void Relative_paths_begin_in_the_working_directory(string path)
    {
        using var files = new Sysroot(folder, "/home/me");
        Assert.Equal("/home/me/prog", files.Find(path)?.RealPath);
    }

    [Fact]
    public void Without_a_working_directory_they_begin_at_the_root()
    {
        using var files = new Sysroot(folder);
        Assert.Null(files.Find("prog"));
        Assert.Equal("/home/me/prog", files.Find("home/me/prog")?.RealPath);
        Assert.Null(files.Find(""));
    }
}
