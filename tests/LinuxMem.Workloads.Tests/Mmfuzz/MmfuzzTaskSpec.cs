using LinuxMem.Workloads.Mmfuzz;

namespace LinuxMem.Workloads.Tests.Mmfuzz;

public class MmfuzzTaskSpec
{
    private static readonly string[] Logs =
    [
        "ab-401", "af-101", "afk-901", "afkm-1001", "afkrbm-1101", "afkrbmp-1301", "afm-501", "afp-1201", "afr-601",
        "afrbm-701", "ak-801", "am-201", "ar-301",
    ];

    public static TheoryData<string> ReferenceLogs => new(Logs);

    [Theory]
    [MemberData(nameof(ReferenceLogs))]
    public void Every_call_of_a_log_is_foreseen_with_every_argument_that_the_log_shows(string log)
    {
        var walk = new MmfuzzWalk();

        Assert.Null(walk.Run(TracedCall.Read(MmfuzzWalk.LogText(log + ".strace.xz"))));

        Assert.True(walk.Calls > 1200);
        Assert.True(walk.ComparedArguments > 3 * 1200);
    }

    // Recorded with -e raw=all: registers alone, so that buffers have addresses.
    [Fact]
    public void Addresses_of_buffers_are_those_that_the_kernel_was_given()
    {
        var walk = new MmfuzzWalk();
        var command = MmfuzzCommand.Of("./mmfuzz", ["./mmfuzz", "1301", "1200", "afkrbmp"], []);

        Assert.Null(walk.Run(TracedCall.Read(MmfuzzWalk.LogText("afkrbmp-1301.raw.xz")), command));

        Assert.True(walk.ComparedArguments > 5000);
        Assert.True(walk.UnknownArguments < 100);
    }

    [Fact]
    public void Another_seed_is_noticed()
    {
        var lines = TracedCall.Read(MmfuzzWalk.LogText("am-201.strace.xz"));
        var command = MmfuzzCommand.Of("./mmfuzz", ["./mmfuzz", "202", "1200", "am"], []);

        Assert.StartsWith("line ", new MmfuzzWalk().Run(lines, command));
    }

    [Theory]
    [InlineData("./mmfuzz", "x", "1200", "a")]
    [InlineData("./mmfuzz", "1", "-1", "a")]
    [InlineData("./other", "1", "1200", "a")]
    public void Commands_that_are_not_of_mmfuzz_are_left_alone(string path, string seed, string steps, string mode) =>
        Assert.Null(MmfuzzCommand.Of(path, [path, seed, steps, mode], []));
}
