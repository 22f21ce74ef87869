using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Dispatch;
using LinuxMem.Actors.Hosting;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Tests.Hosting;

public class ExecutorSpec
{
    private const int Writers = 6;
    private const int Messages = 4;

    [Fact]
    public void One_thread_runs_everything_on_the_callers_thread()
    {
        var notes = new Notebook();
        using var host = ActorSystemHostSpec.Start(new EngineSettings());
        FanOut(host, notes);
        host.RunUntil(() => notes.Done);
        Assert.All(notes.Threads, thread => Assert.Same(Thread.CurrentThread, thread));
        Assert.Equal(0, host.ForeignPosts);
    }

    [Fact]
    public void One_thread_runs_mailboxes_in_the_order_of_their_messages()
    {
        var notes = new Notebook();
        using var host = ActorSystemHostSpec.Start(new EngineSettings());
        FanOut(host, notes);
        host.RunUntil(() => notes.Done);
        var expected = Enumerable.Range(0, Writers * Messages).Select(i => $"w{i / Messages}{i % Messages}");
        Assert.Equal(expected, notes.Lines);
    }

    [Fact]
    public void A_schedule_seed_repeats_its_order()
    {
        for (ulong seed = 0; seed < 5; seed++)
            Assert.Equal(OrderOf(seed), OrderOf(seed));
    }

    [Fact]
    public void Schedule_seeds_explore_different_orders()
    {
        var orders = new HashSet<string>();
        for (ulong seed = 0; seed < 50; seed++)
            orders.Add(OrderOf(seed));
        Assert.True(orders.Count >= 49, $"{orders.Count} orders from 50 seeds");
    }

    [Fact]
    public void A_schedule_seed_gives_one_message_a_turn_and_keeps_each_mailboxs_order()
    {
        string[] order = OrderOf(3).Split(' ');
        for (int w = 0; w < Writers; w++)
        {
            string[] own = [.. order.Where(line => line.StartsWith("w" + w, StringComparison.Ordinal))];
            Assert.Equal([.. Enumerable.Range(0, Messages).Select(m => $"w{w}{m}")], own);
        }

        int changes = order.Zip(order.Skip(1)).Count(pair => pair.First[..2] != pair.Second[..2]);
        Assert.True(changes > Writers * Messages / 2, $"{changes} switches: mailboxes run several messages a turn");
    }

    [Fact]
    public void A_pool_uses_its_threads_and_ends_them()
    {
        var notes = new Notebook();
        using (var host = ActorSystemHostSpec.Start(new EngineSettings { Threads = 3 }))
        {
            FanOut(host, notes);
            host.RunUntil(() => notes.Done);
        }

        Assert.All(notes.Threads, thread => Assert.StartsWith("linuxmem-", thread.Name, StringComparison.Ordinal));
        Assert.All(notes.Threads, thread => Assert.False(thread.IsAlive));
    }

    [Fact]
    public void A_pool_runs_two_actors_at_once()
    {
        using var meeting = new Barrier(2);
        var notes = new Notebook();
        using var host = ActorSystemHostSpec.Start(new EngineSettings { Threads = 2 });
        var first = host.System.ActorOf(Props.Create(() => new MeetingActor(meeting, notes)));
        var second = host.System.ActorOf(Props.Create(() => new MeetingActor(meeting, notes)));
        host.System.ActorOf(Props.Create(() => new FanOutActor(new[] { first, second }, 1))).Tell("go");
        host.RunUntil(() => notes.Done);
        Assert.Equal(2, notes.Handled);
    }

    [Fact]
    public void A_chain_of_messages_does_not_starve_other_actors_of_a_pool()
    {
        var notes = new Notebook();
        using var host = ActorSystemHostSpec.Start(new EngineSettings { Threads = 2 });
        for (int chain = 0; chain < 4; chain++)
            ActorSystemHostSpec.Play(host, int.MaxValue, new Notebook());
        FanOut(host, notes);
        host.RunUntil(() => notes.Done);
        Assert.Equal(Writers * Messages, notes.Handled);
    }

    [Fact]
    public void A_pool_leaves_work_that_is_not_worth_spreading_to_the_thread_that_posted_it()
    {
        var threads = new ConcurrentQueue<Thread>();
        var pool = new PoolExecutor(2, e => throw e) { SpreadsWork = false };
        pool.Execute(new ActionRunnable(() =>
        {
            for (int i = 0; i < 3000; i++)
                pool.Execute(new ActionRunnable(() => threads.Enqueue(Thread.CurrentThread)));
        }));
        Assert.True(pool.RunUntil(() => threads.Count == 3000));
        pool.Close();
        Assert.Single(threads.Distinct());
    }

    [Fact]
    public void A_pool_spreads_work_again_when_it_is_told_to()
    {
        using var meeting = new Barrier(2);
        int met = 0;
        var pool = new PoolExecutor(2, e => throw e) { SpreadsWork = false };
        void Meet() => Interlocked.Add(ref met, meeting.SignalAndWait(TimeSpan.FromSeconds(30)) ? 1 : 0);
        pool.Execute(new ActionRunnable(() =>
        {
            pool.SpreadsWork = true;
            pool.Execute(new ActionRunnable(Meet));
            pool.Execute(new ActionRunnable(Meet));
        }));
        Assert.True(pool.RunUntil(() => Volatile.Read(ref met) == 2));
        pool.Close();
    }

    [Fact]
    public void A_ring_of_ready_mailboxes_grows()
    {
        const int actors = 5000;
        var notes = new Notebook();
        using var host = ActorSystemHostSpec.Start(new EngineSettings());
        for (int i = 0; i < actors; i++)
            host.System.ActorOf(Props.Create(() => new WriterActor(notes, actors))).Tell("x");
        host.RunUntil(() => notes.Done);
        Assert.Equal(actors, notes.Handled);
    }

    [Fact]
    public void A_message_on_one_thread_allocates_nothing()
    {
        using var host = ActorSystemHostSpec.Start(new EngineSettings());
        var notes = new Notebook();
        ActorSystemHostSpec.Play(host, int.MaxValue, notes);
        host.RunUntil(() => notes.Handled > 100_000);
        int from = notes.Handled;
        Func<bool> done = () => notes.Handled > from + 200_000;
        long before = GC.GetAllocatedBytesForCurrentThread();
        host.RunUntil(done);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        // RunUntil itself wraps the condition once.
        Assert.InRange(allocated, 0, 1000);
    }

    /// <summary>The order in which the writers handle their messages under a schedule seed.</summary>
    private static string OrderOf(ulong seed)
    {
        var notes = new Notebook();
        using var host = ActorSystemHostSpec.Start(new EngineSettings { ScheduleSeed = seed });
        FanOut(host, notes);
        host.RunUntil(() => notes.Done);
        Assert.Equal(0, host.ForeignPosts);
        return string.Join(' ', notes.Lines);
    }

    private static void FanOut(ActorSystemHost host, Notebook notes)
    {
        var writers = new IActorRef[Writers];
        for (int i = 0; i < Writers; i++)
            writers[i] = host.System.ActorOf(Props.Create(() => new WriterActor(notes, Writers * Messages)), "w" + i);
        host.System.ActorOf(Props.Create(() => new FanOutActor(writers, Messages)), "source").Tell("go");
    }

    /// <summary>Is done with its message when another actor is at the same place at the same time.</summary>
    private sealed class MeetingActor(Barrier meeting, Notebook notes) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (!meeting.SignalAndWait(TimeSpan.FromSeconds(30)))
                throw new InvalidOperationException("nobody else came: the two actors did not run at once");
            if (Interlocked.Increment(ref notes.Handled) == 2)
                notes.Done = true;
        }
    }
}
