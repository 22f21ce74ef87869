using System.Globalization;
using System.IO.Compression;
using System.Text;
using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Signals;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Tests.Recordings;

/// <summary>
/// Replays what tests/tools/memprobe.c wrote down on a real kernel: the same calls and accesses, in the same layout;
/// and notes where the simulated kernel says something else.
/// </summary>
internal sealed class ProbeLog : IDisposable
{
    private const int DifferencesMax = 3;
    private readonly string[] lines;
    private readonly KernelRig rig = new(megabytes: 128);
    private readonly List<string> differences = [];
    private readonly Stack<TaskStruct> tasks = new();
    private int at;

    public ProbeLog(string[] lines, bool privileged)
    {
        this.lines = lines;
        TaskStruct task = rig.Start();
        task.Mm.MmapBase = 0x7ffff7fff000;
        if (!privileged)
        {
            task.Credentials = new Credentials(65534, 65534, 65534, 65534, 65534, 65534, Capabilities.None,
                Capabilities.None);
        }

        MakeFile(task);
        var handled = new SignalAction(0x401000, SignalAction.NoDefer, default);
        task.Group.Handlers[Signal.SigBus] = task.Group.Handlers[Signal.SigSegv] = handled;
        tasks.Push(task);
    }

    public IReadOnlyList<string> Differences => differences;

    public int Checked { get; private set; }

    // 64 pages, open as descriptors 4 and, for reading only, 5.
    private void MakeFile(TaskStruct task)
    {
        const ulong buffer = 0x2000_0000;
        rig.Map(task, buffer, 1);
        rig.Store(task, buffer, 1);
        Open(task, OpenFlags.ReadWrite | OpenFlags.Create, 3);
        Open(task, OpenFlags.ReadWrite, 4);
        Open(task, OpenFlags.ReadOnly, 5);
        for (ulong page = 0; page < 64; page++)
            Assert.Equal(4096, rig.Call(task, SyscallNr.Pwrite64, 4, buffer, 4096, page * 4096).Value);
        rig.Call(task, SyscallNr.Munmap, buffer, 4096);
    }

    private void Open(TaskStruct task, OpenFlags flags, int fd)
    {
        var operands = new SyscallOperands { Path = "/probefile", WantedId = fd };
        rig.Trap(task, new SyscallRequest { Nr = SyscallNr.Open, A1 = (ulong)flags, A2 = 0x1b6, Operands = operands });
        Assert.Equal(fd, task.Result.Value);
    }

    /// <summary>Reads a recording of this project.</summary>
    public static string[] Read(string path)
    {
        using var file = File.OpenRead(path);
        using var unpacked = new GZipStream(file, CompressionMode.Decompress);
        using var reader = new StreamReader(unpacked, Encoding.ASCII);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Goes through the log, up to its end or too many differences.</summary>
    public void Run()
    {
        TaskStruct first = tasks.Peek();
        first.Mm.Brk = first.Mm.StartBrk = Hex(lines[0].Split(' ')[1]);
        for (at = 1; lines[at][0] == 'M'; at++)
            MapInitial(first.Mm, lines[at][2..]);
        for (; at < lines.Length && differences.Count < DifferencesMax; at++)
            Step(lines[at]);
    }

    public void Dispose() => rig.Dispose();

    private static ulong Hex(string text) => ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private void Step(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        switch (words[0])
        {
            case "C":
                Call(words);
                break;
            case "A":
                Access(words);
                break;
            case "L":
                Limit(words);
                break;
            case "N":
                Residency(Hex(words[1]), words[3]);
                break;
            case "M":
                Maps();
                break;
            case "F":
                tasks.Push(rig.Fork(tasks.Peek()));
                break;
            case "X":
                rig.Exit(tasks.Pop());
                break;
            default:
                throw new InvalidDataException(line);
        }
    }

    private void Differ(string what)
    {
        differences.Add($"line {at + 1}: {lines[at]}: {what}");
    }

    private void Call(string[] w)
    {
        TaskStruct task = tasks.Peek();
        ulong fd = Hex(w[6]);
        var nr = (SyscallNr)int.Parse(w[1], CultureInfo.InvariantCulture);
        SyscallResult result = rig.Call(task, nr, Hex(w[2]), Hex(w[3]), Hex(w[4]), Hex(w[5]), fd, Hex(w[7]));
        Checked++;
        if ((ulong)result.Value != Hex(w[9]))
            Differ($"{nr} gives {(ulong)result.Value:x} {result.Errno}\n{Near(task)}");
    }

    private void Access(string[] w)
    {
        TaskStruct task = tasks.Peek();
        ulong va = Hex(w[2]);
        AccessKind kind = w[1] == "w" ? AccessKind.Write : AccessKind.Read;
        long before = task.Group.MinFlt;
        SignalInfo got = rig.AccessOrSignal(task, va, kind);
        long faults = task.Group.MinFlt - before;
        Checked++;
        string said = $"{(int)got.Signal} {(int)got.Code & 0xff} {faults}";
        if (said != $"{w[4]} {w[5]} {w[6]}")
            Differ($"signal, code, faults {said}\n{Near(task)}");
    }

    private void Limit(string[] w)
    {
        if (w[5] == "0")
        {
            var resource = (Rlimit)int.Parse(w[1], CultureInfo.InvariantCulture);
            tasks.Peek().Group.Limits.Set(resource, Hex(w[2]), Hex(w[3]));
        }
    }

    private void Residency(ulong start, string expected)
    {
        TaskStruct task = tasks.Peek();
        var said = new StringBuilder();
        for (int i = 0; i < expected.Length; i++)
        {
            ulong va = start + ((ulong)i << 12);
            Vma? vma = task.Mm.Vmas.Tree.FindContaining(va);
            if (vma is null)
                said.Append('2');
            else if (rig.Kernel.IsMapped(rig.Entry(task.Mm, va)))
                said.Append('1');
            else
                said.Append(vma.Mapping is { } mapping && rig.IsCached(mapping, vma.PageIndexOf(va)) ? '1' : '0');
        }

        Checked++;
        if (said.ToString() != expected)
            Differ($"residency\n{said} simulated\n{expected} recorded");
    }

    // All lines of the text that follow.
    private void Maps()
    {
        var recorded = new StringBuilder();
        var said = new StringBuilder();
        ulong last = 0;
        for (; at < lines.Length && lines[at][0] == 'M'; at++)
        {
            // A text that begins anew is the next one.
            string[] w = lines[at].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            ulong start = Hex(w[1].Split('-')[0]);
            if (start < last)
                break;
            last = start;
            if (IsWatched(start))
                recorded.AppendLine($"{w[1]} {w[2]} {w[3]}");
        }

        at--;
        for (Vma? vma = tasks.Peek().Mm.Vmas.Tree.First; vma is not null; vma = vma.Next)
        {
            if (!IsWatched(vma.Start))
                continue;
            var line = new StringBuilder();
            MapsText.AppendLine(line, vma, 12, default);
            string[] w = line.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
            said.AppendLine($"{w[0]} {w[1]} {w[2]}");
        }

        Checked++;
        if (said.ToString() == recorded.ToString())
            return;
        string[] real = recorded.ToString().Split('\n');
        string[] ours = said.ToString().Split('\n');
        Differ($"maps\nonly recorded: {string.Join(" | ", real.Except(ours))}"
            + $"\nonly simulated: {string.Join(" | ", ours.Except(real))}");
    }

    // The program's own image has a past that the recording does not tell.
    private static bool IsWatched(ulong start) => start >= 0x1000_0000 && start >> 47 == 0;

    private void MapInitial(Mm mm, string line)
    {
        string[] w = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string[] range = w[0].Split('-');
        ulong start = Hex(range[0]), end = Hex(range[1]);
        if (start > mm.Vmas.Tree.TaskSize)
            return;
        string? name = w.Length > 5 ? w[5] : null;
        VmFlags flags = VmFlags.MayRead | VmFlags.MayWrite | VmFlags.MayExec;
        flags |= w[1][0] == 'r' ? VmFlags.Read : 0;
        flags |= w[1][1] == 'w' ? VmFlags.Write | VmFlags.Account : 0;
        flags |= w[1][2] == 'x' ? VmFlags.Exec : 0;
        flags |= name == "[stack]" ? VmFlags.GrowsDown : 0;
        flags |= name is "[vdso]" ? VmFlags.DontExpand | VmFlags.MixedMap : 0;
        if (name is "[vvar]" or "[vvar_vclock]")
        {
            flags = VmFlags.Read | VmFlags.MayRead | VmFlags.DontExpand | VmFlags.Io | VmFlags.PfnMap
                | VmFlags.DontDump;
        }

        if (name == "[heap]")
        {
            mm.StartBrk = start;
            mm.Vmas.MapBrk(start, end, flags, start);
            return;
        }

        bool isFile = name is not null && name[0] == '/';
        AddressSpace? file = isFile ? rig.Kernel.Objects.File(name!) : null;
        ulong index = isFile ? Hex(w[2]) >> 12 : start >> 12;
        bool isSpecial = name is not null && name.StartsWith("[v", StringComparison.Ordinal);
        mm.Vmas.Map(start, end, flags, index, file, isSpecial ? name : null);
    }

    private string Near(TaskStruct task)
    {
        var text = new StringBuilder();
        for (Vma? vma = task.Mm.Vmas.Tree.First; vma is not null; vma = vma.Next)
        {
            if (vma.Start >= 0x1_0000_0000 && vma.Start < 0x1_0010_0000)
                text.AppendLine($"    {vma} {(vma.AnonVma is null ? "" : "anon_vma")}");
        }

        return text.ToString();
    }
}
