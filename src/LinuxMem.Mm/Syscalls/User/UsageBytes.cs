using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>The bytes of struct rusage.</summary>
/// <remarks>Linux: include/uapi/linux/resource.h, v6.18. What Linux does not keep is 0 there too.</remarks>
internal static class UsageBytes
{
    /// <summary>Of what was used; blocks of files, signals and messages are 0.</summary>
    public static byte[] Of(in CpuUsage cpu, long maxRssKiB, long minFlt, long majFlt) => UserStructs.Bytes(
        Seconds(cpu.UserNs), Microseconds(cpu.UserNs), Seconds(cpu.SystemNs), Microseconds(cpu.SystemNs),
        (ulong)maxRssKiB, 0, 0, 0, (ulong)minFlt, (ulong)majFlt, 0, 0, 0, 0, 0, 0,
        (ulong)cpu.VoluntarySwitches, (ulong)cpu.InvoluntarySwitches);

    private static ulong Seconds(long ns) => (ulong)(ns / 1_000_000_000);

    private static ulong Microseconds(long ns) => (ulong)(ns / 1000 % 1_000_000);
}
