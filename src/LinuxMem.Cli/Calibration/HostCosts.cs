using System.Globalization;
using LinuxMem.Simulation.Locks;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Cli.Calibration;

/// <summary>Turns what was measured on a host into settings of a machine that takes as long.</summary>
/// <remarks>
/// The simulator adds up the parts of what the kernel does; the host shows only sums. Where a sum has several parts,
/// one of them keeps its usual value or share, as the comment beside the setting says.
/// </remarks>
internal sealed class HostCosts
{
    private static readonly (string Names, string Reason)[] NotMeasured =
    [
        ("costs.allocNs, zoneLockNs, pageTableNs", "parts of a fault that a program cannot see by themselves"),
        ("costs.signalNs, exitNs, reclaimPageNs, ipiHandlerNs", "nothing of the kind is run"),
        ("costs.hitNs, l2HitNs, walkLevelNs", "loads overlap on a real CPU: there is no single time"),
        ("locks.contendedLineNs, crossCacheNs, crossSocketNs, wakeNs",
            "it takes more CPUs, and a host with nothing else to do"),
        ("locks.socketMBytesPerSecond, socketCpus", "it takes every CPU of a socket at once"),
        ("the other keys of locks", "holds of locks inside the kernel are not visible to programs"),
    ];

    private readonly Dictionary<string, double> measured = [];
    private readonly List<(string Name, string Reason)> failed = [];
    private readonly List<(string Key, long Ns, string Source)> settings = [];

    /// <summary>Reads what calibrate.c printed.</summary>
    /// <param name="output">That.</param>
    /// <param name="scaled">What two CPUs take from each other, if it was measured.</param>
    /// <exception cref="InvalidDataException">It is not what that program prints.</exception>
    public HostCosts(string output, HostScale? scaled = null)
    {
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = line.Split(' ', 3);
            if (words.Length == 3 && words[1] == "-")
                failed.Add((words[0], words[2]));
            else if (words.Length == 2 && double.TryParse(words[1], CultureInfo.InvariantCulture, out double ns))
                measured[words[0]] = ns;
            else
                throw new InvalidDataException($"calibrate: the measuring program printed '{line}'");
        }

        Know("line", scaled?.LineNs());
        Know("munlock", scaled?.MoreNs("munlock"));
        Know("vma", scaled?.MoreNs("vma"));
        Derive(new KernelCosts());
    }

    /// <summary>Settings, with where each comes from.</summary>
    public IReadOnlyList<(string Key, long Ns, string Source)> Settings => settings;

    /// <summary>Writes the file that --costs reads.</summary>
    public void Write(TextWriter output)
    {
        output.Write("# Costs of the host, measured by 'linuxmem calibrate'. Use: linuxmem run --costs FILE\n");
        foreach ((string key, long ns, string source) in settings)
        {
            string setting = string.Create(CultureInfo.InvariantCulture, $"machine.{key}={ns}");
            output.Write($"{setting,-40}# {source}\n");
        }

        output.Write("#\n# Not measured; the usual values hold:\n");
        foreach ((string name, string reason) in failed)
            output.Write($"#   {name}: {reason}\n");
        foreach ((string names, string reason) in NotMeasured)
            output.Write($"#   {names}: {reason}\n");
    }

    private void Derive(KernelCosts usual)
    {
        double call = Of("syscall");
        long entry = Add("costs.entryNs", call * usual.EntryNs / (usual.EntryNs + usual.SyscallNs), 50,
            "getppid, of which five sevenths");
        long syscall = Add("costs.syscallNs", call - entry, 0, "getppid, the rest");
        long zero = Add("costs.zeroPageNs", Of("zero_page"), 0, "memset of 4 KiB that no cache has");
        Add("costs.copyPageNs", Of("copy_page"), 0, "memcpy of 4 KiB that no cache has");
        double list = (double)usual.ZoneLockNs / 63;
        Add("costs.faultNs", Of("write_fault") - entry - zero - usual.AllocNs - list, 50,
            "a write fault, without entry, zeroing, and 106 for the frame");
        Add("costs.unmapPageNs", Of("unmap_page"), 0, "munmap of pages that were written");
        Add("costs.vmaNs", (Of("mmap_pair") - (3 * (entry + syscall))) / 3, 50,
            "mmap, madvise and munmap of a page, without three entries: each changes a VMA");
        Add("costs.forkNs", Of("fork"), 0, "fork and wait4 of a small process");
        Add("costs.forkPageNs", Of("fork_page"), 0, "fork with 64 MiB, by page");
        Add("costs.contextSwitchNs", Of("pipe_switch") - (2 * (entry + syscall)), 100,
            "a byte through a pipe to another process on the CPU, without two calls");
        if (measured.TryGetValue("shootdown", out double shootdown))
            Add("costs.ipiNs", Math.Max(shootdown - usual.IpiTargetNs, entry), entry,
                "MADV_DONTNEED while a thread runs on another CPU, against alone");
        if (measured.TryGetValue("line", out double line))
            DeriveLines(line);
    }

    private void Know(string name, double? value)
    {
        if (value is { } known)
            measured[name] = known;
    }

    private void DeriveLines(double line)
    {
        var usual = new LockSettings();
        Add("locks.lineNs", line, 1, "a word that two CPUs write in turn");
        if (!measured.TryGetValue("munlock", out double munlock))
        {
            Add("locks.handoffNs", line * usual.HandoffNs / usual.LineNs, 1, "four and a half such lines");
            return;
        }

        // Of two threads, one is on its way out of the kernel and in again while the other has the lock.
        double way = Of("syscall");
        long handoff = Add("locks.handoffNs", munlock + way, (long)line, "munlock of 48 VMAs by two threads at a time");
        if (!measured.TryGetValue("vma", out double vma))
            return;
        // The lock comes from munmap, as a reader, every other time: that takes it twice as long.
        long lines = Add("locks.vmaLines", (vma + way - (1.5 * handoff)) / line, 1,
            "mmap and munmap of a page by two threads at a time, beside the lock");
        Add("locks.splitLines", (double)lines * usual.SplitLines / usual.VmaLines, 1, "as many more as usual");
    }

    private double Of(string name) => measured.TryGetValue(name, out double ns)
        ? ns : throw new InvalidDataException($"calibrate: the measuring program did not print '{name}'");

    private long Add(string key, double ns, long least, string source)
    {
        long rounded = Math.Max(least, (long)Math.Round(ns));
        settings.Add((key, rounded, source));
        return rounded;
    }
}
