using Akka.Actor;
using Akka.TestKit.Xunit2;
using LinuxMem.Actors.Files;
using LinuxMem.Actors.Messages;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Block;
using LinuxMem.Mm.Swap;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Tests;

/// <summary>What the kernel, the block devices and swap say to each other.</summary>
public sealed class StorageProtocolSpec : TestKit
{
    [Fact]
    public void A_device_works_up_to_the_present_before_it_takes_new_requests()
    {
        var settings = new BlockDeviceSettings { ReadLatencyNs = 1_000, BytesPerSecond = 512_000_000 };
        var server = new BlockDeviceServer(new BlockDevice(settings, 1));
        IActorRef device = Sys.ActorOf(Props.Create(() => new BlockDeviceActor(server, null, null)));
        var exchange = new BlockExchange(0) { NowNs = 100, Number = 1 };
        exchange.Submissions.Add(new BlockIo(7, BlockOp.Read, 8, 8, 100));
        device.Tell(exchange, TestActor);
        Assert.Same(exchange, ExpectMsg<BlockExchange>());
        Assert.Empty(exchange.Completions);
        Assert.Empty(exchange.Submissions);
        Assert.Equal(9_100, exchange.NextEventNs);

        exchange.Number = 2;
        exchange.NowNs = exchange.NextEventNs;
        exchange.Submissions.Add(new BlockIo(8, BlockOp.Read, 8, 8, exchange.NowNs));
        device.Tell(exchange, TestActor);
        ExpectMsg<BlockExchange>();
        Assert.Equal([(7L, 9_100L)], exchange.Completions.Select(c => (c.Io.Id, c.AtNs)));
        Assert.Equal(18_100, exchange.NextEventNs);
        ExpectNoMsg(TimeSpan.FromMilliseconds(20));
    }

    [Fact]
    public void An_exchange_that_comes_twice_is_carried_out_once()
    {
        var settings = new BlockDeviceSettings { ReadLatencyNs = 1_000, BytesPerSecond = 512_000_000 };
        var server = new BlockDeviceServer(new BlockDevice(settings, 1));
        var exchange = new BlockExchange(0) { NowNs = 50, Number = 1 };
        exchange.Submissions.Add(new BlockIo(7, BlockOp.Read, 8, 8, 20));
        exchange.Submissions.Add(new BlockIo(8, BlockOp.Read, 16, 8, 50));
        server.Answer(exchange);
        server.Answer(exchange);
        Assert.Equal(9_020, exchange.NextEventNs);
        Assert.Equal(1, exchange.AnswerNumber);
        Assert.Empty(exchange.Completions);
    }

    [Fact]
    public void How_submissions_travel_does_not_matter_to_the_device()
    {
        var one = new BlockDeviceServer(new BlockDevice(BlockDeviceSettings.Hdd, 3));
        var many = new BlockDeviceServer(new BlockDevice(BlockDeviceSettings.Hdd, 3));
        var whole = new BlockExchange(0) { NowNs = 40_000_000, Number = 1 };
        var piece = new BlockExchange(0);
        for (int i = 0; i < 40; i++)
        {
            BlockOp op = i % 3 == 0 ? BlockOp.Write : BlockOp.Read;
            var io = new BlockIo(i, op, (ulong)(i * 7919 % 1000) * 8, 8, i * 1_000_000);
            whole.Submissions.Add(io);
            piece.Submissions.Add(io);
            piece.NowNs = io.SubmittedNs;
            piece.Number++;
            many.Answer(piece);
        }

        one.Answer(whole);
        piece.NowNs = whole.NowNs;
        piece.Number++;
        many.Answer(piece);
        Assert.NotEmpty(whole.Completions);
        Assert.Equal(whole.Completions, piece.Completions);
        Assert.Equal(whole.Counts, piece.Counts);
    }

    [Fact]
    public void Swap_answers_a_batch_in_order()
    {
        var server = new SwapServer([new SwapAreaSettings { Pages = 3 }]);
        IActorRef swap = Sys.ActorOf(Props.Create(() => new SwapActor(server, null, null)));
        var exchange = new SwapExchange();
        for (uint pfn = 11; pfn <= 13; pfn++)
            exchange.Steps.Add(new SwapStep(SwapQuestion.Allocate, default, new Pfn(pfn), 0));
        Ask(swap, exchange);
        SwapEntry first = exchange.Answers[0].Entry;
        Assert.Equal([false, false, true], exchange.Answers.Select(a => a.Entry.IsNone));

        exchange.Steps.Add(new SwapStep(SwapQuestion.Duplicate, first, default, 0));
        exchange.Steps.Add(new SwapStep(SwapQuestion.Uncache, first, default, 0));
        exchange.Steps.Add(new SwapStep(SwapQuestion.Find, first, default, 0));
        exchange.Steps.Add(new SwapStep(SwapQuestion.Cache, first, new Pfn(21), 0));
        exchange.Steps.Add(new SwapStep(SwapQuestion.Put, first, default, 0));
        exchange.Steps.Add(new SwapStep(SwapQuestion.Uncache, first, default, 0));
        Ask(swap, exchange);
        Assert.Equal([11u, 11, 0, 21, 21, 21], exchange.Answers.Select(a => a.Page.Value));
        Assert.Equal([false, false, false, false, false, true], exchange.Answers.Select(a => a.Freed));
        Assert.Equal(1, exchange.FreeSlots);
    }

    private void Ask(IActorRef swap, SwapExchange exchange)
    {
        exchange.Number++;
        swap.Tell(exchange, TestActor);
        Assert.Same(exchange, ExpectMsg<SwapExchange>());
        Assert.Equal(exchange.Steps.Count, exchange.Answers.Count);
        exchange.Steps.Clear();
    }
}
