using LinuxMem.Abi;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Simulation.Tests.Faults;

public class FaultInjectorSpec
{
    private static readonly FaultSite Copy = FaultSite.CopyToUser;

    [Fact]
    public void Every_point_has_sites_and_texts_and_every_site_its_own_name()
    {
        Assert.All(FaultPoint.All, point => Assert.NotEmpty(point.Sites));
        Assert.All(FaultPoint.All, point => Assert.All((string[])[point.Summary, point.Correct], Assert.NotEmpty));
        Assert.All(FaultSite.All, site => Assert.All((string[])[site.Source, site.Correct], Assert.NotEmpty));
        Assert.Equal(FaultSite.All.Count, FaultSite.All.Select(site => site.Name).Distinct().Count());
        Assert.Equal(Enumerable.Range(0, FaultSite.All.Count), FaultSite.All.Select(site => site.Index));
        Assert.Equal(Enumerable.Range(0, FaultPoint.All.Count), FaultPoint.All.Select(point => point.Index));
        Assert.All(FaultPoint.All, p => Assert.All(p.Parameters, q => Assert.True(q.Accepts(q.Default, out _))));
    }

    [Fact]
    public void The_defaults_are_those_of_Linux()
    {
        var attr = new FaultAttr();
        Assert.Equal((0, 1, 1, 0, 2, false),
            (attr.Probability, attr.Interval, attr.Times, attr.Space, attr.Verbose, attr.TaskFilter));
        var rule = new FaultRule(FaultPoint.FailPageAlloc, attr);
        Assert.Equal(("1", "Y", "Y"),
            (rule.Value("min-order"), rule.Value("ignore-gfp-wait"), rule.Value("ignore-gfp-highmem")));
    }

    [Fact]
    public void With_the_defaults_nothing_fails() => Assert.Equal("", Fails("fail_usercopy=1,0,0,1", 20));

    [Fact]
    public void Interval_counts_what_gets_as_far_and_times_bounds_the_failures()
    {
        Assert.Equal("3 6", Fails("fail_usercopy=3,100,0,2", 20));
        Assert.Equal("1 2 3 4 5", Fails("fail_usercopy=1,100,0,-1", 5));
        Assert.Equal("", Fails("fail_usercopy=1,100,0,0", 5));
    }

    [Fact]
    public void Space_is_used_up_first_by_what_is_asked_for()
    {
        // 10, 7 and 4 are more than 3; then 1 is left, which is not.
        Assert.Equal("4 5", Fails("fail_usercopy=1,100,10,2", 20, size: 3));
        // Interval is looked at after space: the first that gets past it is number 4.
        Assert.Equal("5 7", Fails("fail_usercopy=2,100,10,-1", 8, size: 3));
    }

    [Fact]
    public void Fail_nth_of_a_task_overrides_probability_times_and_filter()
    {
        var task = new FaultTask(7, makeItFail: false, failNth: 3);
        Assert.Equal("3", Fails("fail_usercopy=1,0,0,0,task-filter=Y", 9, task: task));
        Assert.Equal(0, task.FailNth);
        Assert.Equal(0, task.ForChild(8).FailNth);
    }

    [Fact]
    public void A_task_filter_lets_marked_tasks_and_their_children_fail()
    {
        const string rule = "fail_usercopy=1,100,0,-1,task-filter=Y";
        Assert.Equal("", Fails(rule, 3));
        Assert.Equal("", Fails(rule, 3, task: new FaultTask(7, makeItFail: false, failNth: 0)));
        var marked = new FaultTask(7, makeItFail: true, failNth: 0);
        Assert.Equal("1 2 3", Fails(rule, 3, task: marked.ForChild(8)));
    }

    [Fact]
    public void Patterns_choose_sites_and_operations()
    {
        Assert.Equal("1 2", Fails("fail_usercopy=1,100,0,-1,require=copy_to*", 2));
        Assert.Equal("", Fails("fail_usercopy=1,100,0,-1,require=copy_from*", 2));
        Assert.Equal("1 2", Fails("fail_usercopy=1,100,0,-1,require=pread?4", 2));
        Assert.Equal("", Fails("fail_usercopy=1,100,0,-1,reject=copy_to_user", 2));
        Assert.Equal("", Fails("fail_usercopy=1,100,0,-1,require=*read*,reject=copy_*", 2));
    }

    [Fact]
    public void Random_failures_come_from_the_seed_and_can_be_made_again_without_it()
    {
        FaultInjector first = Run("fail_usercopy=1,30,0,-1", 100, seed: 5);
        Assert.InRange(first.Failures, 10, 60);
        Assert.NotEqual(Replay(first), Replay(Run("fail_usercopy=1,30,0,-1", 100, seed: 6)));
        Assert.Equal(Replay(first), Replay(Run("fail_usercopy=1,30,0,-1", 100, seed: 5)));

        var settings = new FaultSettings { Decisions = FaultDecision.ParseList(Replay(first)) };
        var again = new FaultInjector(settings, 999);
        Pass(again, 100, 1, null);
        Assert.Equal(Replay(first), Replay(again));
    }

    [Fact]
    public void The_nth_passing_of_the_machine_fails_once_or_with_all_after_it_until_it_heals()
    {
        Assert.Equal("4", Numbers(Run(new FaultSettings { FailNth = 4 }, 9)));
        var onward = new FaultSettings { FailNth = 4, FailNthMode = FailNthMode.AndAfter };
        Assert.Equal("4 5 6 7 8 9", Numbers(Run(onward, 9)));
        Assert.Equal("4 5 6", Numbers(Run(onward with { HealAtNs = 6 }, 9)));
        FaultInjector other = Run(onward with { FailNthPoints = "fail_page*" }, 9);
        Assert.Equal((0, 0), (other.Failures, other.Counted));
    }

    [Fact]
    public void What_was_passed_is_counted_by_site_operation_and_phase()
    {
        FaultInjector faults = Run(new FaultSettings { FailNth = 3 }, 5);
        Assert.Equal(
            ["copy_to_user pread64 Calm 3/1", "copy_to_user pread64 Recovery 2/0"],
            faults.Reach.List().Select(r => $"{r.Site} {r.Operation} {r.Phase} {r.Passed}/{r.Failed}"));
    }

    [Fact]
    public void A_failure_is_told_to_the_kernels_log_in_Linuxs_words()
    {
        var faults = new FaultInjector(new FaultSettings { Rules = [FaultText.Parse("fail_usercopy=1,100,0,9")] }, 1);
        var log = new List<string>();
        faults.Print = (atNs, text) => log.Add($"{atNs} {text}");
        Pass(faults, 1, 1, null);
        Assert.Equal("0 FAULT_INJECTION: forcing a failure.\nname fail_usercopy, interval 1, probability 100, space 0, "
            + "times 8\n copy_to_user in pread64", Assert.Single(log));
    }

    [Fact]
    public void Starts_of_processes_and_questions_of_tracers_are_spared()
    {
        var faults = new FaultInjector(new FaultSettings { FailNth = 1, FailNthMode = FailNthMode.AndAfter }, 1);
        faults.Enter(FaultOperation.Start, null, 0, isShort: false);
        Assert.False(faults.Fails(Copy));
        faults.Enter(FaultOperation.Of(TracerCalls.Read), null, 0, isShort: false);
        Assert.False(faults.Fails(Copy));
        Assert.Equal(0, faults.Counted);
    }

    [Fact]
    public void Allocations_are_spared_by_order_waiting_and_kind_of_memory()
    {
        Assert.False(Allocates("", FaultTraits.None));
        Assert.False(Allocates(",min-order=0", FaultTraits.MayWait));
        Assert.False(Allocates(",min-order=0,ignore-gfp-wait=N", FaultTraits.HighMem));
        Assert.True(Allocates(",min-order=0,ignore-gfp-wait=N", FaultTraits.MayWait));
        Assert.True(Allocates(",min-order=0", FaultTraits.None));
    }

    private static bool Allocates(string parameters, FaultTraits traits)
    {
        var rule = FaultText.Parse("fail_page_alloc=1,100,0,-1" + parameters);
        var faults = new FaultInjector(new FaultSettings { Rules = [rule] }, 1);
        faults.Enter(FaultOperation.PageFault, null, 0, isShort: false);
        return faults.Fails(FaultSite.AnonPage, 1, traits);
    }

    private static string Fails(string rule, int passes, int size = 1, FaultTask? task = null) =>
        Numbers(Run(rule, passes, 1, size, task));

    private static FaultInjector Run(string rule, int passes, ulong seed = 1, int size = 1, FaultTask? task = null)
    {
        var faults = new FaultInjector(new FaultSettings { Rules = [FaultText.Parse(rule)] }, seed);
        Pass(faults, passes, size, task);
        return faults;
    }

    private static FaultInjector Run(FaultSettings settings, int passes)
    {
        var faults = new FaultInjector(settings, 1);
        faults.Enter(FaultOperation.Of(SyscallNr.Pread64), null, 0, isShort: false);
        for (int i = 0; i < passes; i++)
        {
            if (settings.HealAtNs is not null)
                faults.Enter(FaultOperation.Of(SyscallNr.Pread64), null, i, isShort: false);
            faults.Fails(Copy);
        }

        return faults;
    }

    private static void Pass(FaultInjector faults, int passes, int size, FaultTask? task)
    {
        for (int i = 0; i < passes; i++)
        {
            faults.Enter(FaultOperation.Of(SyscallNr.Pread64), task, 0, isShort: false);
            faults.Fails(Copy, size);
        }
    }

    private static string Numbers(FaultInjector faults) =>
        string.Join(' ', faults.Injected.Select(fault => fault.Decision.Ordinal));

    private static string Replay(FaultInjector faults) => FaultReport.Of(faults)!.Replay;
}
