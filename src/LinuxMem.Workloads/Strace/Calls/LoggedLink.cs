using System.Globalization;
using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>Paths that lead through a descriptor of the task itself: /proc/self/fd/3, /dev/fd/3.</summary>
internal static class LoggedLink
{
    private static readonly string[] Directories = ["/proc/self/fd/", "/proc/thread-self/fd/", "/dev/fd/"];

    /// <summary>The descriptor that a path names; null if it names none of the task's.</summary>
    internal static int? DescriptorAt(string? path, LoggedTask task)
    {
        if (path is null)
            return null;
        foreach (string directory in Directories)
        {
            if (path.StartsWith(directory, StringComparison.Ordinal))
                return Number(path[directory.Length..]);
        }

        string own = string.Create(CultureInfo.InvariantCulture, $"/proc/{task.Pid}/fd/");
        return path.StartsWith(own, StringComparison.Ordinal) ? Number(path[own.Length..]) : null;
    }

    /// <summary>The path of a call that opens one, as the task's own.</summary>
    internal static string OwnPath(StraceEvent call, LoggedTask task)
    {
        int first = call.Nr is (int)SyscallNr.Openat or (int)SyscallNr.Openat2 ? 1 : 0;
        int? fd = DescriptorAt(call[first].AsString(), task);
        return string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{fd}");
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int fd) ? fd : null;
}
