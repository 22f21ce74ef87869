using LinuxMem.Abi;
using LinuxMem.Workloads.Malloc;

namespace LinuxMem.Workloads.Tests.Malloc;

/// <summary>
/// What the host's C library (glibc 2.36) did, call by call and address by address, against the model of its malloc.
/// </summary>
public class GnuMallocRecordingSpec
{
    private const ulong ThreadVectorBytes = 272;

    public static TheoryData<string> Logs => [.. Directory.GetFiles(
        Path.Combine(AppContext.BaseDirectory, "Malloc", "Data")).Select(p => Path.GetFileName(p)!).Order()];

    [Theory]
    [MemberData(nameof(Logs))]
    public void The_model_makes_the_librarys_calls_and_returns_its_addresses(string name)
    {
        var log = MallocLog.Read(Path.Combine(AppContext.BaseDirectory, "Malloc", "Data", name));
        Assert.True(log.Steps.Count > 500, $"only {log.Steps.Count} steps");
        var malloc = new GnuMalloc(new MallocSettings { Cpus = 2, IsGlibc241 = false });
        var driver = new Driver(malloc, log);
        foreach (LoggedStep step in log.Steps)
            driver.Do(step);
    }

    [Theory]
    [InlineData("s-1.calls.xz")]
    [InlineData("x-4.calls.xz")]
    [InlineData("xk-5.calls.xz")]
    public void A_copy_goes_on_as_the_original_would(string name)
    {
        var log = MallocLog.Read(Path.Combine(AppContext.BaseDirectory, "Malloc", "Data", name));
        var driver = new Driver(new GnuMalloc(new MallocSettings { Cpus = 2, IsGlibc241 = false }), log);
        for (int i = 0; i < log.Steps.Count; i++)
        {
            driver.Do(log.Steps[i]);
            if (i % 50 == 0)
                driver.Fork();
        }
    }

    [Fact]
    public void Nothing_that_is_not_allocated_can_be_freed()
    {
        var malloc = new GnuMalloc(new MallocSettings());
        var batch = new AccessBatch(12);
        Assert.Throws<ArgumentException>(() => malloc.Free(malloc.MainThread, 0x1000).Advance(batch, default));
        Assert.Equal(0UL, malloc.UsableBytes(0x1000));
        Assert.True(malloc.Free(malloc.MainThread, 0).Advance(batch, default));
    }

    private sealed class Driver(GnuMalloc malloc, MallocLog log)
    {
        private GnuMalloc malloc = malloc;
        private readonly ulong[] slots = new ulong[96];
        private readonly Dictionary<int, MallocThread> threads = [];
        private readonly int mainTid = log.Steps[0].Tid;
        private readonly Queue<LoggedCall> due = new();
        private MallocThread? ending;
        private int vectors;
        private string where = "";

        /// <summary>The child of a fork goes on.</summary>
        public void Fork() => malloc = malloc.Copy(malloc.MainThread);

        public void Do(LoggedStep step)
        {
            where = $"line {step.Line}: {step.Kind} {step.Slot} {step.Bytes} 0x{step.Address:x}";
            foreach (LoggedCall call in step.Calls)
                due.Enqueue(call);
            // A thread ends after its last words.
            if (ending is not null)
                Carry(malloc.EndThread(ending));
            ending = null;
            MallocThread thread = ThreadOf(step.Tid);
            ref ulong slot = ref slots[step.Slot];
            switch (step.Kind)
            {
                case 'm':
                    Assert.Equal((where, step.Address), (where, slot = Carry(malloc.Malloc(thread, step.Bytes))));
                    break;
                case 'c':
                    Assert.Equal((where, step.Address), (where, slot = Carry(malloc.Calloc(thread, step.Bytes))));
                    break;
                case 'r':
                    slot = Carry(malloc.Realloc(thread, slot, step.Bytes));
                    Assert.Equal((where, step.Address), (where, slot));
                    break;
                case 'f':
                    Assert.Equal((where, step.Address), (where, slot));
                    Carry(malloc.Free(thread, slot));
                    slot = 0;
                    break;
                case 'p' when vectors <= (int)step.Slot:
                    // pthread_create allocates what finds the thread's variables, once for each stack.
                    vectors++;
                    Carry(malloc.Calloc(thread, ThreadVectorBytes));
                    break;
                case 't' when step.Bytes == 1:
                    ending = thread;
                    threads.Remove(step.Tid);
                    break;
            }

            Assert.True(due.Count == 0, $"{where}: {(due.Count > 0 ? due.Peek().Text : "")} was not made");
        }

        private MallocThread ThreadOf(int tid)
        {
            if (tid == mainTid)
                return malloc.MainThread;
            if (!threads.TryGetValue(tid, out MallocThread? thread))
                threads.Add(tid, thread = malloc.StartThread());
            return thread;
        }

        private ulong Carry(MallocOperation operation)
        {
            var batch = new AccessBatch(12);
            SyscallResult last = default;
            while (!operation.Advance(batch, last))
            {
                if (batch.HasCall)
                    last = new SyscallResult(AnswerOf(batch.Call));
                batch.Reset();
            }

            return operation.Result;
        }

        private long AnswerOf(SyscallRequest request)
        {
            // The program may have asked for the break before the log's part begins.
            if (request.Nr == SyscallNr.Brk && request.A0 == 0
                && (due.Count == 0 || due.Peek().Nr != SyscallNr.Brk || due.Peek().Arguments[0] != 0))
                return (long)log.FirstBreak;
            ulong[] made = [request.A0, request.A1, request.A2, request.A3, request.A4, request.A5];
            Assert.True(due.Count > 0, $"{where}: a call {request.Nr}({string.Join(", ", made.Select(Hex))}) too many");
            LoggedCall call = due.Dequeue();
            string mine = $"{request.Nr}({string.Join(", ", made.Take(call.Arguments.Count).Select(Hex))})";
            string logged = $"{call.Nr}({string.Join(", ", call.Arguments.Select(Hex))})";
            Assert.Equal($"{where}: {logged}", $"{where}: {mine}");
            return call.Answer;
        }

        private static string Hex(ulong value) => $"0x{value:x}";
    }
}
