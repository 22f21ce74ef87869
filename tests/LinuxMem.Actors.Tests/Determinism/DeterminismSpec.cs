using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Tests.Determinism;

/// <summary>One scenario and seed, one digest: threads, windows, schedules and audits change nothing.</summary>
public class DeterminismSpec
{
    private const long WholeRunNs = 3_600_000_000_000;

    public static TheoryData<string> Names => [.. Scenarios.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Threads_change_nothing(string name)
    {
        string expected = Digest(name, new EngineSettings());
        foreach (int threads in new[] { 1, 2, 4, 8 })
            Assert.Equal(expected, Digest(name, new EngineSettings { Threads = threads }));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Windows_change_nothing(string name)
    {
        string expected = Digest(name, new EngineSettings());
        foreach (long windowNs in new[] { 500, 1_300, 2_000, 10_000_000, WholeRunNs })
            Assert.Equal(expected, Digest(name, new EngineSettings { WindowNs = windowNs }));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Threads_and_windows_together_change_nothing(string name)
    {
        string expected = Digest(name, new EngineSettings());
        Assert.Equal(expected, Digest(name, new EngineSettings { Threads = 3, WindowNs = 700 }));
        Assert.Equal(expected, Digest(name, new EngineSettings { Threads = 2, WindowNs = WholeRunNs }));
    }

    [Theory]
    [InlineData("naps")]
    [InlineData("families")]
    public void Two_hundred_schedules_of_messages_change_nothing(string name)
    {
        string expected = Digest(name, new EngineSettings());
        for (ulong seed = 0; seed < 200; seed++)
            Assert.Equal(expected, Digest(name, new EngineSettings { ScheduleSeed = seed, WindowNs = 10_000 }));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Audits_change_nothing_and_find_nothing(string name)
    {
        // What an audit finds would stand in the outcome in place of the digest.
        string expected = Digest(name, new EngineSettings { Audit = AuditLevel.Off });
        Assert.Equal(expected, Digest(name, new EngineSettings { Audit = AuditLevel.End }));
        if (name != "alpha")
            Assert.Equal(expected, Digest(name, new EngineSettings { Audit = AuditLevel.Round }));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_machine_without_actors_comes_to_the_same(string name) =>
        Assert.Equal(Digest(name, new EngineSettings()), Outcome.OfLoop(Scenarios.Of(name)));

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_seed_has_a_digest_of_its_own(string name)
    {
        Scenario scenario = Scenarios.Of(name);
        HashSet<string> digests = [];
        for (ulong seed = 1; seed <= 5; seed++)
        {
            string digest = Outcome.OfActors(scenario with { Seed = seed });
            Assert.Equal(digest, Outcome.OfActors(scenario with { Seed = seed }));
            Assert.True(digests.Add(digest), $"seed {seed} repeats {digest}");
        }
    }

    private static string Digest(string name, EngineSettings engine)
    {
        string outcome = Outcome.OfActors(Scenarios.Of(name) with { Engine = engine });
        Assert.Matches("^[0-9a-f]{16}$", outcome);
        return outcome;
    }
}
