using System.Globalization;
using LinuxMem.Mm.Ksm;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Proc.Sys;

/// <summary>The files of /sys/kernel/mm/ksm, those that say something here.</summary>
/// <remarks>Linux: mm/ksm.c: ksm_attrs, v6.18.</remarks>
public static class KsmFiles
{
    /// <summary>Where they are.</summary>
    public const string Directory = "/sys/kernel/mm/ksm/";

    /// <summary>Their paths, in order.</summary>
    public static IReadOnlyList<string> Paths { get; } =
    [
        .. new[]
        {
            "full_scans", "max_page_sharing", "merge_across_nodes", "pages_scanned", "pages_shared", "pages_sharing",
            "pages_skipped",
            "pages_to_scan", "pages_unshared", "pages_volatile", "run", "sleep_millisecs", "smart_scan",
            "use_zero_pages",
        }.Select(name => Directory + name),
    ];

    /// <summary>The text of a file by its name, or null.</summary>
    public static string? Find(string name, ProcContext context)
    {
        KsmSettings settings = context.Settings.Ksm;
        KsmDaemon? daemon = context.Ksm;
        long? value = name switch
        {
            "full_scans" => daemon?.FullScans ?? 0,
            "max_page_sharing" => StablePages.MaxPageSharing,
            "merge_across_nodes" => 1,
            "pages_scanned" => daemon?.Scanned ?? 0,
            "pages_shared" => context.Memory.Ksm.Shared,
            "pages_sharing" => context.Memory.Ksm.Sharing,
            "pages_skipped" => daemon?.Skipped ?? 0,
            "pages_to_scan" => settings.PagesToScan,
            "pages_unshared" => daemon?.Unshared ?? 0,
            "pages_volatile" => daemon?.Volatile ?? 0,
            "run" => settings.Run ? 1 : 0,
            "sleep_millisecs" => settings.SleepMillisecs,
            "smart_scan" => settings.SmartScan ? 1 : 0,
            "use_zero_pages" => 0,
            _ => null,
        };
        return value is { } known ? known.ToString(CultureInfo.InvariantCulture) + "\n" : null;
    }
}
