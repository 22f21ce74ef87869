using Akka.Actor;
using Akka.TestKit.Xunit2;
using LinuxMem.Abi;
using LinuxMem.Actors.Cpu;
using LinuxMem.Actors.Files;
using LinuxMem.Actors.Messages;
using LinuxMem.Actors.Processes;
using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Memory;
using LinuxMem.Arch.Paging;
using LinuxMem.Arch.Tlbs;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Tlb;

namespace LinuxMem.Actors.Tests;

/// <summary>What the actors say to each other: the right message, once, to the right one.</summary>
public sealed class ProtocolSpec : TestKit
{
    private const int PageShift = 12;

    [Fact]
    public void The_page_cache_takes_new_pages_in_before_it_answers()
    {
        IActorRef cache = Sys.ActorOf(Props.Create(() => new PageCacheActor(new PageCacheServer(), null, null)));
        var request = new PageCacheRequest
        {
            Number = 1,
            Question = PageCacheQuestion.Lookup,
            MappingId = 7,
            First = 2,
            Count = 3,
        };
        request.Inserts.Add(new PageInsert(7, 3, new Pfn(99)));
        cache.Tell(request, TestActor);
        Assert.Same(request, ExpectMsg<PageCacheRequest>());
        Assert.Equal([0u, 99u, 0u], request.Pages[..3]);
        Assert.Empty(request.Inserts);
        ExpectNoMsg(TimeSpan.FromMilliseconds(20));
    }

    [Fact]
    public void A_dropped_mapping_gives_up_its_pages_by_rising_index()
    {
        IActorRef cache = Sys.ActorOf(Props.Create(() => new PageCacheActor(new PageCacheServer(), null, null)));
        var request = new PageCacheRequest { Number = 1, Question = PageCacheQuestion.Drop, MappingId = 7 };
        request.Inserts.Add(new PageInsert(7, 600, new Pfn(2)));
        request.Inserts.Add(new PageInsert(7, 1, new Pfn(9)));
        request.Inserts.Add(new PageInsert(8, 0, new Pfn(5)));
        cache.Tell(request, TestActor);
        Assert.Equal([new Pfn(9), new Pfn(2)], ExpectMsg<PageCacheRequest>().Dropped);
    }

    [Fact]
    public void A_process_tells_its_program_to_start_once_and_fills_the_batch_that_it_was_sent()
    {
        var program = new Reader();
        IActorRef process = Sys.ActorOf(Props.Create(() => new ProcessActor(new ProcessPrograms(), null, null)));
        var batch = new AccessBatch(PageShift);
        var exchange = new BatchExchange { Cpu = TestActor, Tid = 5, NewProgram = program, Batch = batch };
        exchange.Start = new ProgramStart(5, 5, 1, PageShift, default);
        process.Tell(exchange, TestActor);
        Assert.Same(exchange, ExpectMsg<BatchExchange>());
        exchange.NewProgram = null;
        exchange.IsFilled = false;
        batch.Reset();
        process.Tell(exchange, TestActor);
        ExpectMsg<BatchExchange>();
        Assert.Equal((1, 2), (program.Starts, program.Batches));
        Assert.Same(batch, exchange.Batch);
        Assert.Equal(1, batch.RunCount);
    }

    [Fact]
    public void A_cpu_answers_one_grant_with_one_report()
    {
        using var ram = new PhysicalMemory(64, PageShift, ContentMode.None);
        using var mmu = new Mmu(0, ram, PagingGeometry.X86_64, TlbSettings.Default, new MmuCosts(), 1);
        IActorRef cpu = Sys.ActorOf(Props.Create(() => new MmuActor(new CpuCore(PageShift), null, null)));
        IActorRef process = Sys.ActorOf(Props.Create(() => new ProcessActor(new ProcessPrograms(), null, null)));
        var context = new MmContext(1, new Pfn(3), PagingGeometry.X86_64);
        var slot = new CpuSlot(0, mmu, new CpuTlbState(4))
        {
            GrantNumber = 1,
            Tid = 5,
            Process = process,
            Context = context,
            Accesses = new TaskAccesses(5, 1),
            NewProgram = new Reader(),
            Start = new ProgramStart(5, 5, 1, PageShift, default),
            NowNs = 100,
            UntilNs = 1000,
        };
        cpu.Tell(slot, TestActor);
        Assert.Same(slot, ExpectMsg<CpuSlot>());
        Assert.Equal(CpuStop.PageFault, slot.Stop);
        Assert.Equal(Reader.Address, slot.Fault.Address.Value);
        Assert.Equal(100, slot.NowNs);
        ExpectNoMsg(TimeSpan.FromMilliseconds(20));
    }

    [Fact]
    public void A_cpu_that_is_only_to_flush_asks_nobody_for_anything()
    {
        using var ram = new PhysicalMemory(64, PageShift, ContentMode.None);
        using var mmu = new Mmu(0, ram, PagingGeometry.X86_64, TlbSettings.Default, new MmuCosts(), 1);
        IActorRef cpu = Sys.ActorOf(Props.Create(() => new MmuActor(new CpuCore(PageShift), null, null)));
        var slot = new CpuSlot(0, mmu, new CpuTlbState(4))
        {
            GrantNumber = 1,
            FlushOnly = true,
            NowNs = 50,
            Stop = CpuStop.Syscall,
        };
        slot.Tlb.Pending.Add(new InvalidateCommand(0, 1, 2, 0, InvalidateCommand.WholeAsid, 40, true));
        slot.Tlb.Pending.Add(new InvalidateCommand(0, 1, 3, 0, InvalidateCommand.WholeAsid, 60, true));
        cpu.Tell(slot, TestActor);
        ExpectMsg<CpuSlot>();
        Assert.Equal(CpuStop.Syscall, slot.Stop);
        Assert.Equal(60, Assert.Single(slot.Tlb.Pending).AtNs);
        Assert.Equal(1, slot.Shootdowns);
    }

    private sealed class Reader : IProgram
    {
        public const ulong Address = 0x40_0000;

        public int Starts { get; private set; }

        public int Batches { get; private set; }

        public string Comm => "reader";

        public ImageSpec Image => ImageSpec.Empty;

        public void Start(in ProgramStart start) => Starts++;

        public void Next(AccessBatch batch, in SyscallResult last)
        {
            Batches++;
            batch.AddRun(AccessKind.Read, Address, 0, 1);
        }
    }
}
