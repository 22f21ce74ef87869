using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Actors.Tests.Reclaim;

/// <summary>Processes of groups at their hard limit, with nothing that could be got back.</summary>
public class FullGroupSpec
{
    // A fork that is refused a frame gives back those that it had got, and is made again: when there was room for one
    // but not for all, that went on for ever. Linux keeps what it has got, and kills for the rest.
    [Fact]
    public void A_fork_for_which_a_group_has_too_little_room_ends_and_may_be_killed_for()
    {
        long kills = 0, exits = 0;
        for (int hog = 20; hog < 56; hog++)
        {
            RunResult end = DirectMachine.Execute(Scenarios.Parse($$"""
                {
                  "name": "full", "machine": { "cpus": 2, "memory": "1MiB" },
                  "engine": { "maxVirtual": "100ms", "audit": "end" },
                  "groups": [ { "name": "g", "max": "212KiB" } ],
                  "processes": [ { "name": "p", "group": "g", "onError": "ignore", "steps": [
                    { "mmap": { "length": "{{4 * hog}}KiB", "as": "m" } }, { "touch": { "region": "m" } },
                    { "fork": { "steps": [ { "sleep": "1us" } ] } }, { "wait": "all" } ] } ]
                }
                """));
            Assert.Empty(end.Audit.Violations);
            long killed = end.VmStat.Single(count => count.Key == "oom_kill").Value;
            kills += killed;
            exits += killed == 0 ? 1 : 0;
        }

        Assert.True(kills > 3 && exits > 3, $"{kills} were killed, {exits} runs had room");
    }
}
