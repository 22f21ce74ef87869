using LinuxMem.Abi;
using LinuxMem.Benchmarks.Measuring;
using LinuxMem.Simulation.Random;

namespace LinuxMem.Benchmarks.Loads;

/// <summary>
/// Maps memory, touches its pages, then accesses it: at random words, or word by word from start to end and again.
/// </summary>
internal sealed class AccessProgram(ulong pages, long accesses, bool random, Span span) : IProgram
{
    private const int WordsPerPage = 512;
    private RandomStream stream = new(1);
    private ulong start;
    private ulong touched;
    private long left = accesses;
    private ulong scanned;
    private bool began;

    public string Comm => "access";

    public ImageSpec Image => ImageSpec.Default;

    public void Start(in ProgramStart start) => stream = new RandomStream(start.Seed);

    public void Next(AccessBatch batch, in SyscallResult last)
    {
        if (start == 0)
        {
            if (last.Value == 0)
            {
                batch.SetCall(Calls.Mmap(pages << 12));
                return;
            }

            start = (ulong)last.Value;
        }

        if (touched < pages)
            Touch(batch);
        else if (left > 0)
            Access(batch);
        else
        {
            span.End();
            batch.SetCall(Calls.Exit);
        }
    }

    private void Touch(AccessBatch batch)
    {
        int count = (int)Math.Min(pages - touched, 1 << 20);
        batch.AddRun(AccessKind.Write, start + (touched << 12), 4096, count);
        touched += (ulong)count;
    }

    private void Access(AccessBatch batch)
    {
        if (!began)
            span.Begin();
        began = true;
        if (random)
            Scatter(batch);
        else
            Scan(batch);
    }

    private void Scatter(AccessBatch batch)
    {
        Span<ulong> room = batch.AddScatter((int)Math.Min(left, AccessBatch.ScatterCapacityMax));
        RandomStream drawn = stream;
        ulong words = pages * WordsPerPage;
        for (int i = 0; i < room.Length; i++)
            room[i] = ScatterEntry.Pack(start + (drawn.Below(words) << 3), AccessKind.Read);
        stream = drawn;
        left -= room.Length;
    }

    private void Scan(AccessBatch batch)
    {
        ulong count = Math.Min(64, pages - scanned);
        batch.AddRun(AccessKind.Read, start + (scanned << 12), 8, (int)count * WordsPerPage);
        scanned = (scanned + count) % pages;
        left -= (long)count * WordsPerPage;
    }
}
