using System.Text.RegularExpressions;
using LinuxMem.Abi;
using LinuxMem.Mm.Proc;
using LinuxMem.Mm.Proc.Machine;
using LinuxMem.Mm.Proc.Process;
using LinuxMem.Mm.Proc.Sys;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;

namespace LinuxMem.Mm.Tests;

/// <summary>docs/coverage.md says what the kernel does.</summary>
public sealed partial class CoverageSpec
{
    private static readonly string Root = FindRoot();

    /// <summary>The path of a file of the repository.</summary>
    internal static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static readonly CoverageDocument Document =
        CoverageDocument.Parse(File.ReadAllText(Path.Combine(Root, "docs", "coverage.md")));

    private static readonly CoverageRow[] Calls = [.. Document.Section("System calls on memory"),
        .. Document.Section("System calls on processes"), .. Document.Section("System calls on files"),
        .. Document.Section("System calls that are absent")];

    [Fact]
    public void Every_system_call_has_a_row_and_only_one() => Assert.Equal(
        Enum.GetValues<SyscallNr>().Select(NameOf).Order(StringComparer.Ordinal),
        Calls.SelectMany(row => row.Names).Order(StringComparer.Ordinal));

    [Fact]
    public void Calls_that_are_absent_and_no_others_answer_ENOSYS()
    {
        var wrong = new List<string>();
        foreach (SyscallNr nr in Enum.GetValues<SyscallNr>())
        {
            bool isAbsent = Calls.Single(row => row.Names.Contains(NameOf(nr))).State == "absent";
            if (isAbsent != IsUnknown(nr))
                wrong.Add($"{NameOf(nr)} is {(isAbsent ? "not " : "")}absent");
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_flag_and_advice_and_signal_has_a_row()
    {
        AllNamed("Flags of mmap", "MAP_", Enum.GetNames<MapFlags>().Except(["None", "TypeMask"])
            .Select(name => name == "Low32Bit" ? "32Bit" : name));
        AllNamed("Advice of madvise", "MADV_", Enum.GetNames<Advice>());
        AllNamed("Flags of mremap", "MREMAP_", Enum.GetNames<MremapFlags>().Except(["None"]));
        AllNamed("Flags of clone", "CLONE_", Enum.GetNames<CloneFlags>().Except(["None"]));
        AllNamed("Signals", "", Enum.GetNames<Signal>().Except(["None"]));
    }

    [Fact]
    public void Advice_and_signals_that_are_absent_are_refused()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, KernelRig.Arena, 1);
        Assert.Empty(Absent("Advice of madvise"));
        foreach (ulong number in (ulong[])[100, 101])
            Assert.Equal(Errno.EINVAL, rig.Call(task, SyscallNr.Madvise, KernelRig.Arena, rig.Page, number).Errno);
        foreach (Signal signal in Enum.GetValues<Signal>().Where(s => Absent("Signals").Contains(Plain("" + s))))
            Assert.Equal(Errno.EINVAL, rig.Call(task, SyscallNr.Kill, (ulong)task.Tid, (ulong)signal).Errno);
        Assert.Equal(4, Absent("Signals").Length);
    }

    [Fact]
    public void Every_file_of_proc_and_sys_has_a_row_and_absent_ones_are_not_there()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start(image: new ImageSpec());
        Same("Files of /proc about the machine", "/proc/", MachineFiles.Names);
        Same("Files of /proc/PID", "/proc/self/",
            [.. ProcessFiles.TextNames, ProcessFiles.Pagemap, .. ProcLinks.Names]);
        Same("Files of /proc/sys and /sys", "", SysFiles.Paths);

        void Same(string section, string folder, IEnumerable<string> names)
        {
            IEnumerable<string> present = Document.Section(section).Where(row => row.State != "absent")
                .SelectMany(row => row.Names);
            Assert.Equal(names.Order(StringComparer.Ordinal), present.Order(StringComparer.Ordinal));
            // A synthetic program has no file.
            Assert.All(names.Where(name => name != "exe"),
                name => Assert.NotNull(rig.Kernel.Proc.Find(folder + name, task)));
            Assert.All(Absent(section), name => Assert.Null(rig.Kernel.Proc.Find(folder + name, task)));
        }
    }

    [Fact]
    public void Whatever_is_not_absent_names_tests_and_they_exist()
    {
        HashSet<string> tests = Tests();
        Assert.True(Document.Rows.Count > 80, "rows are not found");
        Assert.All(Document.Rows, row => Assert.Contains(row.State, (string[])["exact", "approximate", "absent"]));
        Assert.All(Document.Rows, row => Assert.Equal(row.State == "absent", row.Proof.Count == 0));
        Assert.All(Document.Rows.Where(row => row.State != "exact"), row => Assert.NotEqual("", row.How));
        Assert.Empty(Document.Rows.SelectMany(row => row.Proof).Where(proof => !tests.Contains(proof)).Distinct());
    }

    private static void AllNamed(string section, string prefix, IEnumerable<string> names)
    {
        IEnumerable<string> rows = Document.Section(section).SelectMany(row => row.Names);
        Assert.All(rows, name => Assert.StartsWith(prefix, name));
        string[] plain = [.. rows.Select(name => Plain(name[prefix.Length..]))];
        Assert.Equal(plain.Length, plain.Distinct().Count());
        Assert.All(names, name => Assert.Contains(Plain(name), plain));
    }

    private static string[] Absent(string section) => [.. Document.Section(section)
        .Where(row => row.State == "absent").SelectMany(row => row.Names)];

    // Made with arguments that are all 0, of a process that knows nothing; what they come to is no matter.
    private static bool IsUnknown(SyscallNr nr)
    {
        using var rig = new KernelRig(megabytes: 1);
        TaskStruct task = rig.Start();
        const ulong getMdwe = 66; // the options of prctl that are not modelled are ENOSYS, as its row says
        rig.Trap(task, new SyscallRequest { Nr = nr, A0 = nr == SyscallNr.Prctl ? getMdwe : 0 });
        bool counted = rig.Kernel.UnknownCalls.ContainsKey((int)nr);
        Assert.Equal(counted, task.Result.Errno == Errno.ENOSYS);
        return counted;
    }

    private static string NameOf(SyscallNr nr) => Words().Replace("" + nr, "_").ToLowerInvariant();

    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();

    private static HashSet<string> Tests()
    {
        var tests = new HashSet<string>(StringComparer.Ordinal);
        foreach (string path in Directory.EnumerateFiles(Path.Combine(Root, "tests"), "*.cs",
            SearchOption.AllDirectories))
        {
            string type = Path.GetFileNameWithoutExtension(path);
            string text = File.ReadAllText(path);
            foreach (Match test in TestMethod().Matches(text))
            {
                tests.Add(type);
                tests.Add($"{type}.{test.Groups[1].Value}");
            }
        }

        return tests;
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "LinuxMem.Actors.sln")))
            folder = folder.Parent;
        return folder!.FullName;
    }

    [GeneratedRegex("(?<!^)(?=[A-Z])")]
    private static partial Regex Words();

    [GeneratedRegex(@"\[(?:Fact|Theory)[^\r\n]*\r?\n(?:\s*\[[^\r\n]*\r?\n)*\s*public [\w<>]+ (\w+)\(")]
    private static partial Regex TestMethod();
}
