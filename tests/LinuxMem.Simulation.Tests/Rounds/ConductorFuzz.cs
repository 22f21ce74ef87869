using CsCheck;

namespace LinuxMem.Simulation.Tests.Rounds;

/// <summary>
/// Random CPUs that trap, wait, wake and interrupt each other, against a plain simulation that does one thing after the
/// other. What each trap does depends on all that was served before it, so that one step out of order changes the rest.
/// </summary>
public class ConductorFuzz
{
    private static readonly Gen<CpuStep> GenStep =
        from runNs in Gen.Frequency((1, Gen.Const(0L)), (4, Gen.Long[1, 30]), (1, Gen.Long[31, 400]))
        from costNs in Gen.Frequency((3, Gen.Long[1, 10]), (1, Gen.Long[11, 80]))
        from sleepNs in Gen.Frequency((3, Gen.Const(-1L)), (1, Gen.Long[0, 60]))
        from target in Gen.Frequency((3, Gen.Const(-1)), (1, Gen.Int[0, 7]))
        select new CpuStep(runNs, costNs, sleepNs, target);

    private static readonly Gen<(CpuStep[][] Cpus, long IpiNs)> GenLoad =
        GenStep.Array[0, 40].Array[1, 8].Select(Gen.Long[1, 50]);

    [Fact]
    public void The_order_is_that_of_a_sequential_simulation_whatever_the_window() =>
        GenLoad.Select(Gen.OneOf(Gen.Long[1, 40], Gen.Long[41, 100_000])).Sample((load, windowNs) =>
        {
            List<Served> expected = new NaiveMachine(load.Cpus, load.IpiNs).Run();
            List<Served> actual = new RoundsMachine(load.Cpus, load.IpiNs, windowNs).Run();
            Assert.Equal(expected, actual);
        }, iter: 2000);

    [Fact]
    public void The_sequential_simulation_serves_every_step_in_order() =>
        GenLoad.Sample(load =>
        {
            List<Served> served = new NaiveMachine(load.Cpus, load.IpiNs).Run();
            Assert.Equal(load.Cpus.Sum(steps => steps.Length), served.Count(step => step.IsTrap));
            Assert.Equal(served.Select(step => step.AtNs).Order(), served.Select(step => step.AtNs));
        });
}
