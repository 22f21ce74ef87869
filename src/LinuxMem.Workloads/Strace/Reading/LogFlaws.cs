using LinuxMem.Abi;
using LinuxMem.Simulation;

namespace LinuxMem.Workloads.Strace.Reading;

/// <summary>What a log lacks because of how it was recorded: found by what is not in it.</summary>
internal static class LogFlaws
{
    private const int EnoughCalls = 25;

    /// <summary>Says in the log's warnings what it lacks.</summary>
    /// <exception cref="ConfigurationException">It is a summary (-c) and no log, or has no line of one.</exception>
    internal static void Find(StraceLog log, string name)
    {
        if (log.Events.Count == 0)
            throw new ConfigurationException($"{name}: has no line of strace (a summary, as of -c, is no log)");
        bool anyExec = false;
        bool anyExit = false;
        bool anyFork = false;
        long calls = 0;
        long failures = 0;
        var tasks = new HashSet<int>();
        foreach (StraceEvent happened in log.Events)
        {
            tasks.Add(happened.Tid);
            anyExit |= happened.Kind is StraceEventKind.Exited or StraceEventKind.Killed;
            if (happened.Kind != StraceEventKind.Call)
                continue;
            anyExec |= happened.Nr is (int)SyscallNr.Execve or (int)SyscallNr.Execveat;
            bool forks = happened.Nr is (int)SyscallNr.Clone or (int)SyscallNr.Clone3 or (int)SyscallNr.Fork
                or (int)SyscallNr.Vfork;
            anyFork |= forks && happened.Result.IsSuccess;
            calls++;
            failures += happened.Result.Error is not null ? 1 : 0;
        }

        Say(log, name, anyExec, anyExit);
        if (calls >= EnoughCalls && failures == calls)
            log.Counts.Warn($"{name}: no call succeeds: recorded with -Z? What succeeded is missing");
        if (calls >= EnoughCalls && failures == 0)
            log.Counts.Warn($"{name}: no call fails: recorded with -z? What failed, and what was split, is missing");
        if (anyFork && tasks.Count == 1)
            log.Counts.Warn($"{name}: the log is of one task, which makes others: recorded without -f, or with -ff? "
                + "What the others do is missing");
    }

    private static void Say(StraceLog log, string name, bool anyExec, bool anyExit)
    {
        if (!anyExec)
            log.Counts.Warn($"{name}: no execve: recorded with -p, or with -e trace=%memory alone? "
                + "The layout of the program's image is inferred");
        if (!anyExit)
            log.Counts.Warn($"{name}: no task ends: recorded with -qq, or cut off? How tasks ended is not judged");
    }
}
