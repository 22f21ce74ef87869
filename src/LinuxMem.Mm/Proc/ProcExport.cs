using System.Globalization;
using System.Text;
using LinuxMem.Mm.Proc.Files;
using LinuxMem.Mm.Proc.Machine;
using LinuxMem.Mm.Proc.Process;
using LinuxMem.Mm.Proc.Sys;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Proc;

/// <summary>Reads every text of /proc and /sys at one moment.</summary>
public static class ProcExport
{
    // What ps, top and psutil ask of threads; the rest is that of the process.
    private static readonly string[] ThreadNames = ["comm", "stat", "statm", "status"];

    /// <summary>
    /// The links with their paths. Who reads the files is no process of the machine: "self" is init, which tools find
    /// when they run as the first process of a pid namespace.
    /// </summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Links { get; } = [new("proc/self", "1")];

    /// <summary>
    /// Every file with its path, which begins with "proc/" or "sys/", in a fixed order; files of processes last.
    /// </summary>
    public static IEnumerable<KeyValuePair<string, string>> Read(ProcFs proc, long nowNs)
    {
        ProcContext context = proc.Context;
        context.NowNs = nowNs;
        var text = new StringBuilder();
        foreach (string name in MachineFiles.Names)
            yield return new("proc/" + name, All(text, MachineFiles.Find(name, context)!));
        foreach (string path in SysFiles.Paths)
            yield return new(path[1..], SysFiles.Find(path, context)!);
        foreach (string path in CgroupFiles.Paths(context))
            yield return new(path[1..], CgroupFiles.Find(path, context)!);
        foreach (ProcTarget process in proc.Processes())
        {
            string directory = string.Create(CultureInfo.InvariantCulture, $"proc/{process.Group.Pid}/");
            foreach (string name in ProcessFiles.TextNames)
                yield return new(directory + name, All(text, ProcessFiles.Find(name, context, process)!));
            foreach (TaskStruct task in process.Group.Tasks)
            {
                var thread = new ProcTarget(process.Group, task.Tid);
                string below = string.Create(CultureInfo.InvariantCulture, $"{directory}task/{task.Tid}/");
                foreach (string name in ThreadNames)
                    yield return new(below + name, All(text, ProcessFiles.Find(name, context, thread)!));
            }
        }
    }

    /// <summary>The whole of a text; empty if what it is about is no more.</summary>
    public static string All(StringBuilder text, SeqRecords records)
    {
        text.Clear();
        ulong position = 0;
        while (position != SeqRecords.EndPosition && records.Show(text, ref position) == SeqShow.Record)
        {
        }

        return text.ToString();
    }
}
