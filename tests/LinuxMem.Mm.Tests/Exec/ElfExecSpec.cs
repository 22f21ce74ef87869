using System.Globalization;
using System.Text;
using LinuxMem.Abi;
using LinuxMem.Mm.Exec;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.Exec;

public class ElfExecSpec
{
    public static TheoryData<int> Runs => [.. Enumerable.Range(0, RecordedExecs.All.Runs.Count)];

    [Theory]
    [MemberData(nameof(Runs))]
    public void An_image_lies_where_Linux_has_put_it(int index)
    {
        RecordedExec run = RecordedExecs.All.Runs[index];
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        SyscallResult result = Exec(rig, task, run.Path, run.Arguments);
        Assert.Equal((run, 0), (run, result.Value));
        Assert.Equal(run.Maps, Maps(task.Mm));
        ImageBounds b = task.Mm.Bounds;
        ulong[] stat =
        [
            b.StartCode, b.EndCode, b.StartStack, b.StartData, b.EndData, task.Mm.StartBrk, b.ArgStart, b.ArgEnd,
            b.EnvStart, b.EnvEnd,
        ];
        Assert.Equal(run.Stat.Select(Hex), stat.Select(Hex));
        Assert.Equal(run.Auxv.Select(Hex), task.Mm.AuxiliaryVector.Select(Hex));
    }

    public static TheoryData<string, string> Refusals
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach ((string path, string outcome) in RecordedExecs.All.Refusals)
                data.Add(path, outcome);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_damaged_file_is_answered_as_Linux_answers(string path, string outcome)
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        Mm old = task.Mm;
        SyscallResult result = Exec(rig, task, path, [path]);
        string actual = result.IsError ? result.Errno.ToString() : "OK";
        if (task.State == TaskState.Dead)
            actual = "signal " + (int)task.Group.ExitSignal;
        Assert.Equal(outcome, actual);
        Assert.Equal(result.IsError, ReferenceEquals(old, task.Mm));
    }

    [Fact]
    public void Strings_that_are_too_long_are_E2BIG_and_leave_the_old_image()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        string longest = new('x', (32 * 4096) - 1);
        Assert.Equal(0, Exec(rig, task, "/bin/true", [longest]).Value);
        Assert.Equal(Errno.E2BIG, Exec(rig, task, "/bin/true", [longest + "x"]).Errno);
        // A quarter of the stack's limit is 2 MiB.
        Assert.Equal(Errno.E2BIG, Exec(rig, task, "/bin/true", [.. Enumerable.Repeat(longest, 16)]).Errno);
        Assert.Equal(0, Exec(rig, task, "/bin/true", [.. Enumerable.Repeat(longest, 15)]).Value);
    }

    [Fact]
    public void A_file_that_is_not_there_is_ENOENT()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        Assert.Equal(Errno.ENOENT, Exec(rig, task, "/bin/none", ["none"]).Errno);
        Assert.Equal(Errno.ENOENT, Exec(rig, task, "", [""]).Errno);
    }

    [Fact]
    public void The_kernel_faults_in_the_pages_that_it_writes_and_no_others()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        Exec(rig, task, "/bin/true", ["/bin/true"]);
        // The stack's page, and the ends of data segments of program and loader.
        Assert.Equal((3, 3, 0), (task.Group.MinFlt, task.Mm.RssAnon, task.Mm.RssFile));
        Assert.Equal(("true", 33), (task.Group.Comm, (int)task.Mm.AuxiliaryVector[0]));
    }

    [Fact]
    public void The_link_exe_leads_to_the_program()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        Exec(rig, task, "/bin/true", ["/bin/true"]);
        string target = rig.Kernel.Proc.Find("/proc/self/exe", task)!.Target;
        Assert.Equal(task.Mm.ExeFile!.Mapping.Name, target);
        Assert.EndsWith("/true", target, StringComparison.Ordinal);
    }

    [Fact]
    public void A_running_program_cannot_be_opened_for_writing_nor_one_being_written_be_run()
    {
        const ulong writeOnly = 1;
        using var rig = new KernelRig();
        TaskStruct task = rig.Start(image: ImageSpec.Default);
        var request = new SyscallRequest
        {
            Nr = SyscallNr.Open,
            A0 = task.Layout.DataStart,
            A1 = writeOnly,
            Operands = new SyscallOperands
            {
                Path = "/usr/bin/true",
                External = RecordedExecs.All.Find("/usr/bin/true"),
            },
        };
        rig.Trap(task, request);
        SyscallResult fd = task.Result;
        Assert.False(fd.IsError, "nobody runs it yet");
        Assert.Equal(Errno.ETXTBSY, Exec(rig, task, "/bin/true", ["true"]).Errno);
        Assert.Equal(0, rig.Call(task, SyscallNr.Close, (ulong)fd.Value).Value);
        TaskStruct runner = rig.Start();
        Assert.Equal(0, Exec(rig, runner, "/bin/true", ["true"]).Value);
        TaskStruct child = rig.Fork(runner);
        rig.Exit(runner);
        rig.Trap(task, request);
        Assert.Equal(Errno.ETXTBSY, task.Result.Errno);
        rig.Exit(child);
        rig.Trap(task, request);
        Assert.False(task.Result.IsError, "nobody runs it any more");
    }

    [Fact]
    public void Two_processes_of_one_file_share_its_text()
    {
        using var rig = new KernelRig();
        TaskStruct one = rig.Start();
        TaskStruct two = rig.Start();
        Exec(rig, one, "/bin/true", []);
        Exec(rig, two, "/bin/true", []);
        ulong text = one.Layout.TextStart;
        rig.Load(one, text);
        rig.Load(two, text);
        Assert.Equal(rig.FrameAt(one.Mm, text), rig.FrameAt(two.Mm, text));
    }

    [Fact]
    public void A_program_without_arguments_gets_an_empty_one()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        Exec(rig, task, "/bin/true", []);
        Assert.Equal(1UL, task.Mm.Bounds.ArgEnd - task.Mm.Bounds.ArgStart);
    }

    [Fact]
    public void Random_places_differ_by_seed_and_stay_within_their_entropy()
    {
        var seen = new HashSet<(ulong, ulong, ulong, ulong)>();
        for (int i = 0; i < 40; i++)
        {
            using var rig = new KernelRig(vm: new VmSettings { PcpHighPages = 0, RandomizeVaSpace = 2 });
            for (int skip = 0; skip < i; skip++)
                rig.Start();
            TaskStruct task = rig.Start();
            Assert.Equal(0, Exec(rig, task, "./t_pie", ["./t_pie"]).Value);
            Mm mm = task.Mm;
            Assert.InRange(task.Layout.FileStart, 0x555555554000UL, 0x555555554000UL + (1UL << 40));
            Assert.InRange(mm.StackTop, 0x7ffffffff000UL - (1UL << 34) - 8192, 0x7ffffffff000UL);
            Assert.InRange(mm.StartBrk, task.Layout.FileEnd + 4096, task.Layout.FileEnd + 4096 + (1UL << 30));
            Assert.InRange(mm.MmapBase, 0x7ffffffff000UL - (1UL << 34) - (9UL << 20) - (1UL << 40), mm.StackTop);
            Assert.True((mm.Bounds.StartStack & 15) == 0, "the stack pointer is aligned");
            seen.Add((task.Layout.FileStart, mm.StackTop, mm.StartBrk, mm.MmapBase));
        }

        Assert.Equal(40, seen.Count);
    }

    [Fact]
    public void A_stack_limit_moves_the_mmap_area()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start(new ResourceLimits(StackBytes: 1UL << 30));
        Exec(rig, task, "/bin/true", ["/bin/true"]);
        Assert.Equal(0x7ffffffff000UL - (1UL << 30) - (1 << 20), task.Mm.MmapBase);
    }

    internal static SyscallResult Exec(KernelRig rig, TaskStruct task, string path, IReadOnlyList<string> arguments,
        ExternalFile? file = null, IReadOnlyList<string>? environment = null)
    {
        rig.Trap(task, new SyscallRequest
        {
            Nr = SyscallNr.Execve,
            Child = new IdleProgram(ImageSpec.Empty),
            Operands = new SyscallOperands
            {
                Path = path,
                Arguments = arguments,
                Environment = environment ?? RecordedExecs.Environment,
                External = file,
                FindExternal = RecordedExecs.All.Find,
            },
        });
        return task.Result;
    }

    private static List<string> Maps(Mm mm)
    {
        var text = new StringBuilder();
        MapsText.Append(text, mm.Vmas.Tree, new MapsLabels(mm.StartBrk, mm.Brk, mm.Bounds.StartStack));
        var lines = new List<string>();
        foreach (string line in text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            lines.Add(string.Join(' ', words.Where((_, i) => i is < 3 or > 4)));
        }

        return lines;
    }

    private static string Hex(ulong value) => value.ToString("x", CultureInfo.InvariantCulture);
}
