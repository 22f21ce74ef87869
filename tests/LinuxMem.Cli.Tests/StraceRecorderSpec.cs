using System.Runtime.Versioning;
using LinuxMem.Cli.Bindings;
using LinuxMem.Cli.Tests.Fakes;
using LinuxMem.Simulation;

namespace LinuxMem.Cli.Tests;

[SupportedOSPlatform("linux")]
public sealed class StraceRecorderSpec
{
    private static readonly string HostPath = Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin";

    [Fact]
    public void Without_strace_it_says_what_is_missing_and_what_can_be_done()
    {
        using var empty = new TempDirectory();
        var recorder = new StraceRecorder(empty.Root);

        var e = Assert.Throws<IOException>(() => recorder.Record(["true"], "log", default));

        Assert.Contains("strace is not installed", e.Message);
        Assert.Contains("linuxmem replay LOG", e.Message);
    }

    [Fact]
    public void The_tools_get_the_program_as_it_was_given()
    {
        using var tools = new TempDirectory();
        string log = tools["log"];
        string seen = tools["seen"];
        Install(tools, "strace", "");
        Install(tools, "setarch", $"printf '%s\\n' \"$@\" > {seen}; echo x > {log}; exit 7");

        int code = new StraceRecorder(tools.Root + ":" + HostPath).Record(["true", "a b", "$HOME", "--"], log, default);

        Assert.Equal(7, code);
        Assert.Equal(
            [
                "-R", tools["strace"], "-f", "-v", "-s", "8192", "-o", log, "--", "true", "a b", "$HOME", "--",
            ],
            File.ReadAllLines(seen));
    }

    [Fact]
    public void A_tracer_that_records_nothing_is_an_error()
    {
        using var tools = new TempDirectory();
        Install(tools, "strace", "");
        Install(tools, "setarch", "exit 1");
        var recorder = new StraceRecorder(tools.Root + ":" + HostPath);

        var e = Assert.Throws<IOException>(() => recorder.Record(["true"], tools["log"], default));

        Assert.Contains("is tracing allowed here?", e.Message);
    }

    [Fact]
    public void A_program_that_is_not_there_is_bad_input()
    {
        using var tools = new TempDirectory();
        Install(tools, "strace", "");
        Install(tools, "setarch", "");
        var recorder = new StraceRecorder(tools.Root + ":" + HostPath);

        var e = Assert.Throws<ConfigurationException>(() => recorder.Record(["no-such-program"], "log", default));

        Assert.Contains("no-such-program", e.Message);
    }

    private static void Install(TempDirectory directory, string name, string script)
    {
        string file = directory[name];
        File.WriteAllText(file, "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
