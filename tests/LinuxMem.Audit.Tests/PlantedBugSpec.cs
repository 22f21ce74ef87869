using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Tests;

public class PlantedBugSpec
{
    public static TheoryData<string> Names
    {
        get
        {
            TheoryData<string> names = [];
            foreach (Plant plant in All)
                names.Add(plant.Name);
            return names;
        }
    }

    private static IEnumerable<Plant> All =>
        [.. FramePlants.All, .. MmPlants.All, .. EnginePlants.All, .. PressurePlants.All];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_planted_bug_is_reported_under_its_invariant_and_no_other(string name)
    {
        Plant plant = All.Single(p => p.Name == name);
        MachineSnapshot snapshot = SampleMachine.Small(plant.Busy);
        plant.Damage(snapshot);
        // What is counted of frames and of rights follows what was damaged.
        if (plant.Ids != "I52")
            SamplePressure.CountFrames(snapshot);
        if (plant.Ids != "I21")
            SamplePressure.CountRights(snapshot);
        string[] ids = AuditorSpec.Ids(snapshot);
        Assert.True(
            plant.Ids == string.Join(' ', ids),
            $"expected {plant.Ids}, got {string.Join(' ', ids)}\n{string.Join('\n', AuditorSpec.Messages(snapshot))}");
    }

    [Fact]
    public void Every_invariant_has_a_bug_that_it_alone_catches()
    {
        HashSet<string> alone = [.. All.Select(p => p.Ids)];
        Assert.Equal([], new Auditor().Invariants.Where(id => !alone.Contains(id)));
    }
}
