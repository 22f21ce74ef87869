using System.Globalization;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Sharing;

namespace LinuxMem.Reporting.Sections;

/// <summary>Who shares which frames with whom, and what it saves.</summary>
internal static class SharingSection
{
    private const int FewRows = 30;
    private const int MatrixColumns = 10;

    /// <summary>Writes a few lines for the report of a run; nothing if nothing was ever shared.</summary>
    public static void WriteSummary(TextWriter output, SharingResult sharing)
    {
        CopyOnWriteResult cow = sharing.CopyOnWrite;
        if (cow.PeakPages == 0 && cow.ForkedPages == 0 && sharing.SavedPages == 0)
            return;
        output.WriteLine("Sharing ('linuxmem sharing' tells more)");
        output.WriteLine($"At most {Size(cow.PeakPages, sharing)} saved, at {Units.Duration(cow.PeakNs)}; at the end "
            + $"{Size(sharing.SavedPages, sharing)} of {Size(sharing.MappedPages, sharing)} mapped");
        WriteCopyOnWrite(output, cow);
        output.WriteLine();
    }

    /// <summary>Writes all of it.</summary>
    public static void Write(TextWriter output, SharingResult sharing, bool all)
    {
        output.WriteLine($"At {Units.Duration(sharing.AtNs)}: {sharing.Processes.Count} address spaces map "
            + $"{Size(sharing.MappedPages, sharing)}, on frames of {Size(sharing.Frames, sharing)}");
        output.WriteLine($"Sharing saves {Size(sharing.SavedPages, sharing)} "
            + $"({Units.Percent(sharing.SavedPages, sharing.MappedPages)})");
        WriteCopyOnWrite(output, sharing.CopyOnWrite);
        output.WriteLine();
        WriteProcesses(output, sharing, all);
        WriteMatrix(output, sharing);
        WriteGroups(output, sharing, all);
        WriteObjects(output, sharing, all);
    }

    private static void WriteCopyOnWrite(TextWriter output, CopyOnWriteResult cow)
    {
        output.WriteLine($"Copy-on-write: fork shared {Units.Exact(cow.ForkedPages)} pages, for "
            + $"{Units.Duration(cow.MeanSharedNs)} on average; {Units.Exact(cow.CopiedPages)} were copied, "
            + $"{Units.Exact(cow.AvoidedPages)} were not");
        output.WriteLine($"Written in place by the last owner: {Units.Exact(cow.ReusedPages)}; in place of zeros: "
            + $"{Units.Exact(cow.ZeroPages)}; private copies of file pages: {Units.Exact(cow.FilePages)}");
    }

    private static void WriteProcesses(TextWriter output, SharingResult sharing, bool all)
    {
        output.WriteLine("Processes (pages; PSS in KiB)");
        var table = new TextTable(
            TextColumn.Number("pid"), TextColumn.Words("comm"), TextColumn.Number("RSS"), TextColumn.Number("USS"),
            TextColumn.Number("PSS"), TextColumn.Number("shared anon"), TextColumn.Number("file"),
            TextColumn.Number("shmem"));
        IEnumerable<SharingProcess> rows = sharing.Processes.OrderByDescending(p => p.RssPages).ThenBy(p => p.Pid);
        foreach (SharingProcess process in Few(rows, sharing.Processes.Count, all))
        {
            table.Add(Plain(process.Pid), SafeText.Clean(process.Comm, 20), Plain(process.RssPages),
                Plain(process.PrivatePages), Plain(process.PssBytes >> 10), Plain(process.SharedAnonPages),
                Plain(process.SharedFilePages), Plain(process.SharedShmemPages));
        }

        table.Write(output);
        WriteRest(output, sharing.Processes.Count, all);
        output.WriteLine();
    }

    private static void WriteMatrix(TextWriter output, SharingResult sharing)
    {
        int size = Math.Min(MatrixColumns, sharing.MatrixPids.Count);
        if (size < 2)
            return;
        output.WriteLine("Frames that two processes map both");
        TextColumn[] columns =
        [
            TextColumn.Number("pid"), .. sharing.MatrixPids.Take(size).Select(pid => TextColumn.Number(Plain(pid))),
        ];
        var table = new TextTable(columns);
        for (int row = 0; row < size; row++)
            table.Add([Plain(sharing.MatrixPids[row]), .. sharing.Matrix[row].Take(size).Select(Plain)]);
        table.Write(output);
        if (sharing.MatrixPids.Count > size)
            output.WriteLine($"({sharing.MatrixPids.Count - size} more in --json)");
        output.WriteLine();
    }

    private static void WriteGroups(TextWriter output, SharingResult sharing, bool all)
    {
        if (sharing.Groups.Count == 0)
            return;
        output.WriteLine("Frames by who maps them");
        var table = new TextTable(
            TextColumn.Number("sharers"), TextColumn.Number("anon"), TextColumn.Number("file"),
            TextColumn.Number("shmem"), TextColumn.Number("saves"), TextColumn.Words("pids"));
        foreach (SharingGroup group in Few(sharing.Groups, sharing.Groups.Count, all))
        {
            string pids = string.Join(' ', group.Pids.Take(8).Select(pid => Plain(pid)));
            table.Add(Plain(group.Pids.Count), Plain(group.AnonFrames), Plain(group.FileFrames),
                Plain(group.ShmemFrames), Plain(group.SavedPages), group.Pids.Count > 8 ? pids + " ..." : pids);
        }

        table.Write(output);
        WriteRest(output, sharing.Groups.Count, all);
        if (sharing.OtherGroups > 0)
            output.WriteLine($"({Units.Exact(sharing.OtherGroups)} sets with less to save)");
        output.WriteLine();
    }

    private static void WriteObjects(TextWriter output, SharingResult sharing, bool all)
    {
        if (sharing.Objects.Count == 0)
            return;
        output.WriteLine("Files and shared memory");
        var table = new TextTable(
            TextColumn.Words("kind"), TextColumn.Number("processes"), TextColumn.Number("frames"),
            TextColumn.Number("mapped"), TextColumn.Number("saves"), TextColumn.Words("name"));
        foreach (SharedObject shared in Few(sharing.Objects, sharing.Objects.Count, all))
        {
            table.Add(shared.IsShmem ? "shmem" : shared.IsText ? "text" : "file", Plain(shared.Processes),
                Plain(shared.Frames), Plain(shared.MappedPages), Plain(shared.SavedPages),
                SafeText.Clean(shared.Name, 60));
        }

        table.Write(output);
        WriteRest(output, sharing.Objects.Count, all);
        output.WriteLine();
    }

    private static IEnumerable<T> Few<T>(IEnumerable<T> rows, int count, bool all) =>
        all || count <= FewRows ? rows : rows.Take(FewRows);

    private static void WriteRest(TextWriter output, int count, bool all)
    {
        if (!all && count > FewRows)
            output.WriteLine($"({count - FewRows} more; --all shows them)");
    }

    private static string Size(long pages, SharingResult sharing) => Units.Bytes(pages * sharing.PageBytes);

    private static string Plain(long number) => number.ToString(CultureInfo.InvariantCulture);
}
