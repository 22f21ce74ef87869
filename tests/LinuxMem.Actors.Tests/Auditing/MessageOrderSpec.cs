using LinuxMem.Actors.Messages;
using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Tests.Auditing;

/// <summary>I46: a message that comes after one sent later is seen by its receiver and reported by the audit.</summary>
public class MessageOrderSpec
{
    private const int Late = 20;

    [Fact]
    public void Only_what_comes_after_something_later_is_overtaken()
    {
        var order = new MessageOrder();
        foreach (long number in new long[] { 1, 2, 2, 5, 3, 4, 6, 5 })
            order.Take(number);
        Assert.Equal(3, order.Overtaken);
    }

    [Fact]
    public void A_grant_that_comes_late_is_found() =>
        MustBeFound("kernel-cpus", (message, fromKernel) => message is CpuSlot slot && fromKernel
            && (slot.GrantNumber -= 2) > 0);

    [Fact]
    public void A_report_that_comes_late_is_found() =>
        MustBeFound("kernel-cpus", (message, fromKernel) => message is CpuSlot slot && !fromKernel
            && (slot.ReportNumber -= 2) > 0);

    [Fact]
    public void A_question_that_comes_late_is_found() =>
        MustBeFound("kernel-page-cache", (message, fromKernel) => message is PageCacheRequest request && fromKernel
            && (request.Number -= 2) > 0);

    [Fact]
    public void An_answer_that_comes_late_is_found() =>
        MustBeFound("kernel-page-cache", (message, fromKernel) => message is PageCacheRequest request && !fromKernel
            && (request.AnswerNumber -= 2) > 0);

    // Gives the messages that come late numbers from before; the others are left alone.
    private static void MustBeFound(string channel, Func<object, bool, bool> makeLate)
    {
        Scenario scenario = Scenarios.Of("naps") with
        {
            Engine = new EngineSettings { Audit = AuditLevel.Round, WindowNs = 10_000 },
        };
        using var machine = new DirectMachine(scenario);
        int messages = 0;
        bool late = false;
        machine.BeforeDelivery = (message, fromKernel) =>
        {
            if (++messages > Late && !late)
                late = makeLate(message, fromKernel);
        };
        while (!machine.Done && machine.Insides.Audit.Result().Violations.Count == 0)
            machine.Step();
        Assert.True(late);
        Assert.Contains(machine.Insides.Audit.Result().Violations, violation =>
            violation.Contains("I46", StringComparison.Ordinal)
            && violation.Contains(channel, StringComparison.Ordinal));
    }
}
