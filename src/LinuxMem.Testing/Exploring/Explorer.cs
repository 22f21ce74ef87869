using LinuxMem.Actors.Machine;
using LinuxMem.Simulation;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Testing.Exploring;

/// <summary>
/// Runs many seeds of a scenario, each worker in an actor system of its own that it keeps, and collects what came of
/// them.
/// </summary>
public sealed class Explorer
{
    private readonly ExploreRequest request;
    private readonly Lock gate = new();
    private readonly SortedDictionary<ulong, RunRecord> done = [];
    private readonly Journal? journal;
    private Exception? failure;
    private ulong next;
    private bool exhausted;

    private Explorer(ExploreRequest request, Journal? journal)
    {
        this.request = request;
        this.journal = journal;
        next = request.First;
    }

    /// <summary>Explores.</summary>
    /// <exception cref="ConfigurationException">The file is of another exploration.</exception>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    /// <exception cref="OperationCanceledException">It was ended early; the same request goes on there.</exception>
    public static Exploration Run(ExploreRequest request)
    {
        using Journal? journal = request.Path is null ? null : Journal.Open(request.Path, request.Header);
        return new Explorer(request, journal).Run();
    }

    private Exploration Run()
    {
        foreach (byte[] found in journal?.Found ?? [])
        {
            var record = RunRecord.FromJson(found);
            done[record.Number] = record;
        }

        int resumed = done.Count;
        var workers = new Thread[Math.Max(1, request.Workers)];
        for (int i = 0; i < workers.Length; i++)
        {
            workers[i] = new Thread(Work) { IsBackground = true, Name = $"explore-{i}" };
            workers[i].Start();
        }

        foreach (Thread worker in workers)
            worker.Join();
        request.Cancel.ThrowIfCancellationRequested();
        if (failure is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        journal?.Finish(done.Values.Select(record => record.ToJson()));
        return new Exploration([.. done.Values], resumed, journal?.TornBytes ?? 0);
    }

    private void Work()
    {
        try
        {
            using var host = new MachineHost(NullLoggerFactory.Instance);
            while (Take() is { } number)
                Keep(RunJudge.Judge(host, request.ScenarioOf(number), number, request.Cancel));
        }
        catch (Exception e)
        {
            lock (gate)
                failure ??= e;
        }
    }

    private ulong? Take()
    {
        lock (gate)
        {
            while (failure is null && !exhausted && !request.Cancel.IsCancellationRequested)
            {
                ulong number = next;
                exhausted = number >= request.Last;
                next = number + 1;
                if (!done.ContainsKey(number))
                    return number;
            }

            return null;
        }
    }

    private void Keep(RunRecord record)
    {
        byte[]? bytes = journal is null ? null : record.ToJson();
        lock (gate)
        {
            if (bytes is not null)
                journal!.Append(bytes);
            done[record.Number] = record;
            request.Progress?.Invoke(done.Count, record);
        }
    }
}

/// <summary>What came of an exploration.</summary>
/// <param name="Runs">Every run, by number.</param>
/// <param name="Resumed">How many were there before.</param>
/// <param name="TornBytes">Bytes of a torn record that were cut off the file.</param>
public sealed record Exploration(IReadOnlyList<RunRecord> Runs, int Resumed, long TornBytes)
{
    /// <summary>A digest over all runs, 16 hexadecimal digits.</summary>
    public string Digest
    {
        get
        {
            var digest = new Digest();
            foreach (RunRecord run in Runs)
            {
                foreach (byte one in run.ToJson())
                    digest.Add(one);
            }

            return digest.ToString()!;
        }
    }

    /// <summary>The runs that came to something else than they should.</summary>
    public IEnumerable<RunRecord> Findings => Runs.Where(run => run.Verdict != Verdict.Well);
}
