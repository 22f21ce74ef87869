using Akka.Actor;
using LinuxMem.Actors.Hosting;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Actors.Tests.Hosting;

public class ActorSystemHostSpec
{
    /// <summary>One thread, a seeded schedule, two threads.</summary>
    public static TheoryData<EngineSettings> Engines => new(
        new EngineSettings(),
        new EngineSettings { ScheduleSeed = 5 },
        new EngineSettings { Threads = 2 });

    [Theory]
    [MemberData(nameof(Engines))]
    public void Runs_until_done(EngineSettings engine)
    {
        var notes = new Notebook();
        using var host = Start(engine);
        Play(host, 1000, notes);
        host.RunUntil(() => notes.Done);
        Assert.Equal(1001, notes.Handled);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Throws_what_an_actor_threw_in_its_own_type(EngineSettings engine)
    {
        using var host = Start(engine);
        host.System.ActorOf(Props.Create(() => new ThrowingActor(new Notebook()))).Tell(new KernelBug("I03 violated"));
        var bug = Assert.Throws<KernelBug>(() => host.RunUntil(() => false));
        Assert.Equal("I03 violated", bug.Message);
        Assert.Contains(nameof(ThrowingActor), bug.StackTrace);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Throws_what_an_actors_constructor_threw(EngineSettings engine)
    {
        using var host = Start(engine);
        host.System.ActorOf(Props.Create(() => new BrokenConstructorActor(new InvalidOperationException("no frames"))));
        Assert.Equal("no frames", Assert.Throws<InvalidOperationException>(() => host.RunUntil(() => false)).Message);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Throws_what_a_child_of_an_actor_threw(EngineSettings engine)
    {
        using var host = Start(engine);
        host.System.ActorOf(Props.Create(() => new ParentActor(new Notebook()))).Tell(new KernelBug("deep"));
        Assert.Equal("deep", Assert.Throws<KernelBug>(() => host.RunUntil(() => false)).Message);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Restarts_after_an_injected_crash(EngineSettings engine)
    {
        foreach (var props in new[] { "top", "child" })
        {
            var notes = new Notebook();
            using var host = Start(engine);
            var actor = props == "top"
                ? host.System.ActorOf(Props.Create(() => new ThrowingActor(notes)))
                : host.System.ActorOf(Props.Create(() => new ParentActor(notes)));
            actor.Tell("crash");
            host.RunUntil(() => notes.Done);
            Assert.Equal(["crash 2"], notes.Lines);
        }
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void A_machine_that_stands_still_is_a_bug_and_no_hang(EngineSettings engine)
    {
        var notes = new Notebook();
        using var host = Start(engine);
        Play(host, 100, notes);
        Assert.Contains("stands still", Assert.Throws<KernelBug>(() => host.RunUntil(() => false)).Message);
        Assert.True(notes.Done);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void An_ended_system_ends_the_run(EngineSettings engine)
    {
        using var host = Start(engine);
        host.System.ActorOf(Props.Create<TerminatorActor>()).Tell("now");
        Assert.Throws<KernelBug>(() => host.RunUntil(() => false));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void A_message_to_nobody_fails_the_run(EngineSettings engine)
    {
        using var host = Start(engine);
        var actor = host.System.ActorOf(Props.Create<PongActor>(), "gone");
        actor.Tell(PoisonPill.Instance);
        actor.Tell("late");
        var bug = Assert.Throws<KernelBug>(() => host.RunUntil(() => false));
        Assert.Contains("late", bug.Message);
        Assert.Contains("gone", bug.Message);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void A_message_that_its_actor_does_not_know_fails_the_run(EngineSettings engine)
    {
        using var host = Start(engine);
        host.System.ActorOf(Props.Create<ChoosyActor>(), "choosy").Tell("what");
        var bug = Assert.Throws<KernelBug>(() => host.RunUntil(() => false));
        Assert.Contains("choosy does not handle what", bug.Message);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Timers_are_refused(EngineSettings engine)
    {
        using var host = Start(engine);
        host.System.ActorOf(Props.Create<TimerActor>()).Tell("go");
        Assert.Contains("timer", Assert.Throws<KernelBug>(() => host.RunUntil(() => false)).Message);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void The_first_failure_counts(EngineSettings engine)
    {
        using var host = Start(engine);
        host.Fail(new IOException("first"));
        host.Fail(new IOException("second"));
        Assert.Equal("first", Assert.Throws<IOException>(() => host.RunUntil(() => true)).Message);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void A_failure_from_another_thread_ends_the_run(EngineSettings engine)
    {
        using var host = Start(engine);
        Play(host, int.MaxValue, new Notebook());
        var interrupter = new Thread(() => host.Fail(new OperationCanceledException()));
        interrupter.Start();
        Assert.Throws<OperationCanceledException>(() => host.RunUntil(() => false));
        interrupter.Join();
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void A_message_from_another_thread_arrives_while_the_machine_runs(EngineSettings engine)
    {
        var notes = new Notebook();
        using var host = Start(engine);
        var game = new Notebook();
        var writer = host.System.ActorOf(Props.Create(() => new WriterActor(notes, 1)));
        Play(host, int.MaxValue, game);
        host.RunUntil(() => game.Handled > 1000);
        long before = host.ForeignPosts;
        var stranger = new Thread(() => writer.Tell("stop"));
        stranger.Start();
        host.RunUntil(() => notes.Done);
        stranger.Join();
        Assert.Equal(before + 1, host.ForeignPosts);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void A_disposed_host_refuses_to_run(EngineSettings engine)
    {
        var host = Start(engine);
        host.Dispose();
        host.Dispose();
        Assert.True(host.System.WhenTerminated.IsCompleted);
        Assert.Throws<ObjectDisposedException>(() => host.RunUntil(() => true));
    }

    [Fact]
    public void Impossible_settings_are_configuration_errors()
    {
        Assert.Throws<ConfigurationException>(() => Start(new EngineSettings { Threads = 0 }));
        Assert.Throws<ConfigurationException>(() => Start(new EngineSettings { Threads = 65 }));
        Assert.Throws<ConfigurationException>(() => Start(new EngineSettings { Threads = 2, ScheduleSeed = 1 }));
    }

    internal static ActorSystemHost Start(EngineSettings engine) =>
        ActorSystemHost.Create("test", engine, NullLoggerFactory.Instance);

    /// <summary>Starts a ping-pong of so many round trips.</summary>
    internal static void Play(ActorSystemHost host, int trips, Notebook notes)
    {
        var pong = host.System.ActorOf(Props.Create<PongActor>());
        host.System.ActorOf(Props.Create(() => new PingActor(pong, trips, notes))).Tell("ball");
    }
}
