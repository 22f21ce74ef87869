using System.Text;

namespace LinuxMem.Cli.Tests.Fakes;

/// <summary>A host that does 100 operations a second with one task and 200 with two processes.</summary>
internal sealed class FakeHost
{
    private static readonly string[] Tests = ["page_fault1", "page_fault2", "page_fault3", "mmap1", "brk1"];

    /// <summary>What two threads do.</summary>
    public required int TwoThreads { get; init; }

    /// <summary>By how much more and less, in turn.</summary>
    public int Swing { get; init; }

    /// <summary>How long others have the CPUs.</summary>
    public int LostPermille { get; init; }

    /// <summary>So many rounds at the beginning are disturbed and show something else.</summary>
    public int BusyRounds { get; init; }

    /// <summary>Rounds that were asked for.</summary>
    public int Rounds { get; private set; }

    /// <summary>What hostscale.c prints.</summary>
    public string Measure(int rounds, CancellationToken cancel)
    {
        var text = new StringBuilder();
        for (int i = 0; i < rounds; i++, Rounds++)
        {
            bool isBusy = Rounds < BusyRounds;
            int lost = isBusy ? 300 : LostPermille;
            int threads = isBusy ? 77 : TwoThreads + (Rounds % 2 == 0 ? Swing : -Swing);
            foreach (string test in Tests)
            {
                text.Append($"{test} processes 1 100 0\n{test} processes 2 200 {lost}\n{test} threads 1 100 0\n");
                text.Append($"{test} threads 2 {threads} {lost}\n");
            }

            text.Append($"munlock threads 1 2000000 0\nmunlock threads 2 1600000 {lost}\n");
            text.Append($"vma threads 1 2000000 0\nvma threads 2 1000000 {lost}\n");
            text.Append("line processes 2 5000000 0\n");
        }

        return text.ToString();
    }
}
