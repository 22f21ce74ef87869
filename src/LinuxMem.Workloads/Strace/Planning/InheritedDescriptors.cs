using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Planning;

/// <summary>
/// Descriptors that were open before the log began: those that calls passed over, which always make the lowest that is
/// free.
/// </summary>
internal static class InheritedDescriptors
{
    private const int EventsMax = 4096;
    private const int CountMax = 64;
    private const ulong CloneFiles = 0x400;

    /// <summary>Those of a task that no call of the log makes, beyond the standard ones, rising.</summary>
    /// <param name="script">What the task does.</param>
    /// <param name="known">What it has from its maker, as far as the log shows.</param>
    internal static SortedSet<int> Find(TaskScript script, IEnumerable<int> known)
    {
        var inherited = new SortedSet<int>();
        var open = new HashSet<int>(known) { 0, 1, 2 };
        var uses = new List<DescriptorUse>();
        for (int i = 0; i < Math.Min(script.Events.Count, EventsMax) && inherited.Count < CountMax; i++)
        {
            StraceEvent call = script.Events[i];
            // Who shares descriptors may open and close them in between.
            if (call.Kind == StraceEventKind.Call && CloneCall.IsOne(call)
                && ((ulong)CloneCall.FlagsOf(call) & CloneFiles) != 0)
                break;
            DescriptorUse.Collect(call, uses);
            foreach (DescriptorUse use in uses)
                Note(call, use, open, inherited);
            call.Forget();
        }

        return inherited;
    }

    private static void Note(StraceEvent call, DescriptorUse use, HashSet<int> open, SortedSet<int> inherited)
    {
        if (use.After == false)
        {
            open.Remove(use.Fd);
        }
        else if (use.After == true)
        {
            // fcntl can be told where to begin.
            bool isLowest = use.Before == false && call.Nr != (int)SyscallNr.Fcntl;
            for (int fd = 3; isLowest && fd < use.Fd && inherited.Count < CountMax; fd++)
            {
                if (!open.Contains(fd))
                    inherited.Add(fd);
            }

            open.Add(use.Fd);
        }
    }
}
