using System.Globalization;
using LinuxMem.Mm.Accounting;
using LinuxMem.Mm.Proc.Files;
using LinuxMem.Mm.Proc.Machine;
using LinuxMem.Mm.Proc.Process;
using LinuxMem.Mm.Proc.Sys;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Proc;

/// <summary>The file systems /proc and /sys: what a path in them leads to, for a task that asks.</summary>
/// <remarks>
/// Linux: fs/proc/base.c, fs/proc/root.c, fs/proc/self.c, v6.18. Nothing in it changes the kernel. Texts are made when
/// they are read, at the moment in <see cref="ProcContext.NowNs"/>, which the caller sets before each reading.
/// </remarks>
public sealed class ProcFs
{
    /// <summary>Of one kernel.</summary>
    public ProcFs(KernelMemory memory, TaskTable tasks, Overcommit overcommit, PressureStall pressure) =>
        Links = new ProcLinks(Context = new ProcContext(memory, tasks, overcommit, pressure));

    /// <summary>What texts are made of.</summary>
    public ProcContext Context { get; }

    /// <summary>The links that lead to files themselves.</summary>
    public ProcLinks Links { get; }

    /// <summary>Whether a path lies in one of the two file systems.</summary>
    public static bool Holds(string path) => IsIn(path, "/proc") || IsIn(path, "/sys");

    /// <summary>What a path leads to, links on the way followed; null if there is nothing.</summary>
    /// <param name="path">Absolute, without ".", ".." and empty parts.</param>
    /// <param name="reader">Who asks: "self" is its process.</param>
    public ProcNode? Find(string path, TaskStruct? reader)
    {
        if (!Holds(path))
            return null;
        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length > 1 && parts[0] == "proc")
        {
            if (parts[1] is "self" or "thread-self")
                return OfSelf(parts, reader);
            if (reader is not null && Links.Find(reader, path, out string behind) is { } link && behind.Length == 0)
                return ProcNode.OfLink(link.Text);
            if (int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int pid))
                return Context.Find(pid) is { } target ? OfProcess(target, parts.AsSpan(2), isThread: false) : null;
            if (MachineFiles.Find(string.Join('/', parts.AsSpan(1)!), Context) is { } records)
                return ProcNode.OfText(records);
        }

        return OfSys("/" + string.Join('/', parts), reader);
    }

    /// <summary>The numbers of the processes that are to be seen, in order: init, the living, the zombies.</summary>
    public IEnumerable<ProcTarget> Processes()
    {
        yield return new ProcTarget(Context.Init, ProcContext.InitPid);
        var zombies = new SortedSet<int>();
        foreach (ThreadGroup group in Context.Tasks.Groups)
        {
            foreach (ThreadGroup child in group.IsDead ? [] : group.Children)
            {
                if (child.IsDead)
                    zombies.Add(child.Pid);
            }
        }

        foreach (ThreadGroup group in Context.Tasks.Groups)
        {
            if (!group.IsDead || zombies.Contains(group.Pid))
                yield return new ProcTarget(group, group.Pid);
        }
    }

    private static bool IsIn(string path, string root) => path.StartsWith(root, StringComparison.Ordinal)
        && (path.Length == root.Length || path[root.Length] == '/');

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private ProcNode? OfSelf(string[] parts, TaskStruct? reader)
    {
        if (reader is null)
            return null;
        bool isThread = parts[1] == "thread-self";
        if (parts.Length == 2)
        {
            string pid = Number(reader.Group.Pid);
            return ProcNode.OfLink(isThread ? pid + "/task/" + Number(reader.Tid) : pid);
        }

        if (Links.Find(reader, "/" + string.Join('/', parts), out string behind) is { } link && behind.Length == 0)
            return ProcNode.OfLink(link.Text);
        var target = new ProcTarget(reader.Group, isThread ? reader.Tid : reader.Group.Pid);
        return OfProcess(target, parts.AsSpan(2), isThread);
    }

    private ProcNode? OfProcess(ProcTarget target, ReadOnlySpan<string> rest, bool isThread)
    {
        if (rest.IsEmpty)
        {
            IEnumerable<string> names =
                [.. ProcessFiles.TextNames, ProcessFiles.Pagemap, .. ProcLinks.NamesOf(target)];
            return ProcNode.OfNames((isThread ? names : names.Append("task")).Order(StringComparer.Ordinal));
        }

        if (rest[0] == "task" && !isThread)
        {
            if (rest.Length == 1)
                return ProcNode.OfNames(target.Group.Tasks.Select(task => Number(task.Tid)));
            return int.TryParse(rest[1], NumberStyles.None, CultureInfo.InvariantCulture, out int tid)
                && Context.Find(tid) is { } thread && thread.Group == target.Group
                ? OfProcess(thread, rest[2..], isThread: true) : null;
        }

        if (rest.Length > 1)
            return null;
        if (rest[0] == ProcessFiles.Descriptors)
            return target.Task is { } task ? ProcNode.OfNames(task.Files.Open.Select(Number)) : null;
        if (rest[0] == ProcessFiles.Pagemap)
        {
            Mm? mm = target.Mm;
            return new ProcNode { Kind = ProcNodeKind.File, Open = () => new PagemapFile(Context.Memory, mm) };
        }

        return ProcessFiles.Find(rest[0], Context, target) is { } records ? ProcNode.OfText(records) : null;
    }

    private ProcNode? OfSys(string path, TaskStruct? reader)
    {
        if (path == SysFiles.MemfdNoexec && reader is not null)
        {
            return ProcNode.OfText(new SingleRecord(text =>
            {
                text.Append(Number(reader.Group.PidNamespace.MemfdNoexec)).Append('\n');
                return true;
            }));
        }

        if (SysFiles.Find(path, Context) is not null)
        {
            return ProcNode.OfText(new SingleRecord(text =>
            {
                text.Append(SysFiles.Find(path, Context));
                return true;
            }));
        }

        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string file in SysFiles.Paths.Concat(CgroupFiles.Paths(Context)))
        {
            if (file.StartsWith(path + "/", StringComparison.Ordinal))
                names.Add(file[(path.Length + 1)..].Split('/')[0]);
        }

        if (path == "/proc")
        {
            names.UnionWith(MachineFiles.Names);
            names.UnionWith(["self", "thread-self"]);
            names.UnionWith(Processes().Select(process => Number(process.Group.Pid)));
        }

        return names.Count == 0 ? null : ProcNode.OfNames(names);
    }
}
