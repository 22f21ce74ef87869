using System.Text;
using LinuxMem.Mm.Exec;
using LinuxMem.Mm.Proc.Files;

namespace LinuxMem.Mm.Proc.Process;

/// <summary>The files of /proc/PID and /proc/PID/task/TID.</summary>
/// <remarks>Linux: fs/proc/base.c: tgid_base_stuff, tid_base_stuff, v6.18.</remarks>
public static class ProcessFiles
{
    /// <summary>Their names, in order; those whose bytes are no text left out.</summary>
    public static IReadOnlyList<string> TextNames { get; } =
    [
        "cmdline", "comm", "environ", "limits", "maps", "numa_maps", "oom_adj", "oom_score", "oom_score_adj", "smaps",
        "smaps_rollup", "stat", "statm", "status",
    ];

    /// <summary>The directory with a link for each descriptor.</summary>
    public const string Descriptors = "fd";

    /// <summary>The file whose bytes are no text.</summary>
    public const string Pagemap = "pagemap";

    /// <summary>
    /// The text of that name, or null. Address spaces are those of the opening: what execve puts in their place is not
    /// shown by a file that was open before.
    /// </summary>
    public static SeqRecords? Find(string name, ProcContext context, ProcTarget target) => name switch
    {
        "cmdline" => Single(target, text => CmdlineText.AppendArguments(text, context.Memory, target)),
        "comm" => Single(target, text => text.Append(target.Comm).Append('\n')),
        "environ" => Single(target, text => AppendEnvironment(text, context, target)),
        "limits" => Single(target, text => LimitsText.Append(text, context, target)),
        "maps" => target.Mm is { } mm ? new MapsRecords(context.Memory, mm) : Nothing,
        "numa_maps" => target.Mm is { } mm ? new NumaMapsRecords(context.Memory, mm) : Nothing,
        "oom_adj" => Single(target, text => Line(text, OomAdj(target.Group.OomScoreAdj))),
        "oom_score" => Single(target, text => Line(text, OomScore.Of(context, target.Group))),
        "oom_score_adj" => Single(target, text => Line(text, target.Group.OomScoreAdj)),
        "smaps" => target.Mm is { } mm ? new SmapsRecords(context, mm) : Nothing,
        "smaps_rollup" => Rollup(context, target),
        "stat" => Single(target, text => PidStatText.Append(text, context, target)),
        "statm" => Single(target, text => StatmText.Append(text, context, target)),
        "status" => Single(target, text => StatusText.Append(text, context, target)),
        _ => null,
    };

    private static ListRecords Nothing => new(0, (_, _) => { });

    private static SingleRecord Rollup(ProcContext context, in ProcTarget target)
    {
        Mm? mm = target.Mm;
        return new SingleRecord(text => SmapsRollup.Append(text, context, mm));
    }

    private static SingleRecord Single(ProcTarget target, Action<StringBuilder> append) => new(text =>
    {
        if (!target.Exists && target.Group.Pid != ProcContext.InitPid)
            return false;
        append(text);
        return true;
    });

    private static void AppendEnvironment(StringBuilder text, ProcContext context, in ProcTarget target)
    {
        ImageBounds bounds = target.Mm?.Bounds ?? default;
        CmdlineText.Append(text, context.Memory, target.Mm, bounds.EnvStart, bounds.EnvEnd);
    }

    private static void Line(StringBuilder text, long value) => text.Append(ProcFormat.Invariant, $"{value}\n");

    // Linux: fs/proc/base.c: oom_adj_read, v6.18: the scale of -17 to 15 of old.
    private static long OomAdj(int scoreAdj) => scoreAdj switch
    {
        1000 => 15,
        _ => Math.Clamp(scoreAdj * 17 / 1000, -17, 15),
    };
}
