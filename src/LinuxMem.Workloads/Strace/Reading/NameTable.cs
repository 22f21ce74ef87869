using System.Text;

namespace LinuxMem.Workloads.Strace.Reading;

/// <summary>The member names that are asked for, so that reading a log does not make a string of each.</summary>
internal static class NameTable
{
    private static readonly string[] Known =
    [
        "flags", "child_stack", "child_tidptr", "parent_tid", "parent_tidptr", "child_tid", "tls", "exit_signal",
        "stack", "stack_size", "st_mode", "st_size", "stx_mode", "stx_size", "iov_base", "iov_len", "rlim_cur",
        "rlim_max",
        "si_signo", "si_code", "si_addr", "si_pid", "si_uid", "si_status", "sa_handler", "sa_mask", "sa_flags",
        "sa_restorer", "ru_minflt", "ru_majflt", "shm_segsz", "tv_sec", "tv_nsec", "tv_usec", "st_dev", "st_ino",
    ];

    private static readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> Table =
        Known.ToDictionary(name => name, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The string for a name.</summary>
    internal static string Of(ReadOnlySpan<byte> name)
    {
        Span<char> letters = stackalloc char[32];
        if (name.Length <= letters.Length)
        {
            int count = Encoding.ASCII.GetChars(name, letters);
            if (Table.TryGetValue(letters[..count], out string? known))
                return known;
        }

        return Encoding.ASCII.GetString(name);
    }
}
