using LinuxMem.Arch.Memory;
using LinuxMem.Arch.Paging;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Simulation.Tests.Settings;

public class DefaultsSpec
{
    private static readonly MachineSettings Machine = new();

    [Fact]
    public void The_machine_is_a_small_x86_server()
    {
        Assert.Equal(4, Machine.Cpus);
        Assert.Same(PagingGeometry.X86_64, Machine.Paging);
        Assert.Equal(65_536UL, Machine.FrameCount);
        Assert.Equal(ContentMode.Tags, Machine.Contents);
        Assert.Null(Machine.Tlb.FindProblem());
        Assert.Null(Machine.MmuCosts.FindProblem());
    }

    [Fact]
    public void Frames_are_counted_in_the_pages_of_the_geometry() =>
        Assert.Equal(32_768UL, (Machine with { Paging = PagingGeometry.Alpha }).FrameCount);

    [Fact]
    public void The_tunables_are_those_of_Linux()
    {
        VmSettings vm = Machine.Vm;
        Assert.Null(vm.MinFreeKbytes);
        Assert.Null(vm.PcpHighPages);
        Assert.Equal(10, vm.WatermarkScaleFactor);
        Assert.Equal(65_530, vm.MaxMapCount);
        Assert.Equal(4_096UL, vm.MmapMinAddr);
        Assert.Equal(256, vm.StackGuardGapPages);
    }

    /// <summary>What the rounds build on: entering the kernel takes time, and an interrupt no less.</summary>
    [Fact]
    public void Costs_leave_the_rounds_room()
    {
        KernelCosts costs = Machine.KernelCosts;
        Assert.True(costs.EntryNs >= 1);
        Assert.True(costs.IpiNs >= costs.EntryNs);
        Assert.True(Machine.SliceNs > costs.ContextSwitchNs);
    }

    [Fact]
    public void No_cost_is_negative() => Assert.All(
        typeof(KernelCosts).GetProperties(),
        property => Assert.True((int)property.GetValue(Machine.KernelCosts)! >= 0, property.Name));

    [Fact]
    public void A_run_has_one_thread_and_an_audit_at_its_end()
    {
        var engine = new EngineSettings();
        Assert.Equal(1, engine.Threads);
        Assert.Equal(AuditLevel.End, engine.Audit);
        Assert.Null(engine.ScheduleSeed);
        Assert.InRange(engine.WindowNs, Machine.KernelCosts.IpiNs, engine.MaxVirtualNs);
    }

    [Fact]
    public void A_scenario_needs_a_name_and_processes_only()
    {
        var scenario = new Scenario { Name = "empty", Processes = [] };
        Assert.Equal(1UL, scenario.Seed);
        Assert.Equal(new MachineSettings(), scenario.Machine);
        Assert.Equal(new EngineSettings(), scenario.Engine);
    }

    [Fact]
    public void A_process_starts_at_once_under_a_pid_of_the_kernels_choice()
    {
        var process = new ProcessSpec(() => throw new InvalidOperationException());
        Assert.Equal(0, process.StartNs);
        Assert.Equal(0, process.Pid);
        Assert.False(process.InferMappings);
        Assert.Equal(8UL << 20, process.Limits.StackBytes);
    }
}
