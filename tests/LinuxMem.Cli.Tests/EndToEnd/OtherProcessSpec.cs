using System.Diagnostics;
using System.Text.Json;

namespace LinuxMem.Cli.Tests.EndToEnd;

/// <summary>Another process, another culture, another time zone, another compilation: the same digest.</summary>
public sealed class OtherProcessSpec
{
    public static TheoryData<string, string> Surroundings => new()
    {
        { "TZ", "Asia/Kathmandu" },
        { "TZ", "America/St_Johns" },
        { "LC_ALL", "tr_TR.UTF-8" },
        { "LC_ALL", "ar_SA.UTF-8" },
        { "DOTNET_TieredPGO", "0" },
        { "DOTNET_TieredCompilation", "0" },
        { "DOTNET_PROCESSOR_COUNT", "7" },
    };

    [Theory]
    [MemberData(nameof(Surroundings))]
    public void Surroundings_change_nothing(string name, string value) =>
        Assert.Equal(DigestOf(RealRun.Of("run", "tiny", "--json").Output), DigestOf(OutputWith(name, value)));

    private static string OutputWith(string name, string value)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
        };
        start.ArgumentList.Add(typeof(Composition).Assembly.Location);
        foreach (string argument in new[] { "run", "tiny", "--json" })
            start.ArgumentList.Add(argument);
        start.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = name == "LC_ALL" ? "0" : "1";
        start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }

    private static string DigestOf(string output)
    {
        using var json = JsonDocument.Parse(output);
        return json.RootElement.GetProperty("digest").GetString()!;
    }
}
