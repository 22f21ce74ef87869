using System.Globalization;
using System.Text.RegularExpressions;
using LinuxMem.Abi;
using LinuxMem.Mm.Proc.Machine;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.Proc;

/// <summary>Texts about the machine have the form of those recorded on Linux 6.18, and numbers that agree.</summary>
public sealed partial class MachineTextsSpec : IDisposable
{
    private readonly KernelRig rig = new(megabytes: 5120, cpus: 2, vm: new VmSettings());
    private readonly TaskStruct task;

    public MachineTextsSpec()
    {
        task = rig.Start(image: new ImageSpec());
        rig.Map(task, KernelRig.Arena, 100);
        for (ulong i = 0; i < 100; i++)
            Assert.True(rig.Access(task, KernelRig.Arena + (i * rig.Page), AccessKind.Write));
        rig.Map(task, 0x2000_0000, 50, flags: MapFlags.Shared | MapFlags.Anonymous);
        for (ulong i = 0; i < 50; i++)
            Assert.True(rig.Access(task, 0x2000_0000 + (i * rig.Page), AccessKind.Write));
        rig.Map(task, 0x3000_0000, 30, ProtFlags.Read, MapFlags.Private, "/lib/libc.so.6");
        Assert.True(rig.Access(task, 0x3000_0000, AccessKind.Read));
    }

    public void Dispose() => rig.Dispose();

    [Theory]
    [InlineData("meminfo")]
    [InlineData("pagetypeinfo")]
    [InlineData("buddyinfo")]
    [InlineData("swaps")]
    [InlineData("zoneinfo")]
    public void Has_the_form_of_the_real_one(string name) =>
        Assert.Equal(FormOf(Recording.Read(name + ".txt")), FormOf(Text("/proc/" + name)));

    [Fact]
    public void Node_meminfo_has_the_form_of_the_real_one() => Assert.Equal(
        FormOf(Recording.Read("node-meminfo.txt")), FormOf(Text("/sys/devices/system/node/node0/meminfo")));

    [Theory]
    [InlineData("status")]
    [InlineData("limits")]
    [InlineData("stat")]
    public void A_process_text_has_the_form_of_the_real_one(string name) =>
        Assert.Equal(FormOf(Recording.Read(name + ".txt")), FormOf(Text("/proc/self/" + name)));

    [Fact]
    public void Vmstat_has_all_names_in_the_order_of_the_real_one()
    {
        string[] real = Names(Recording.Read("vmstat.txt"));
        string[] own = Names(Text("/proc/vmstat"));
        Assert.Equal(real, own.Where(name => !name.StartsWith("nr_tlb_", StringComparison.Ordinal)));
        Assert.Equal(4, own.Length - real.Length);
        Assert.All(VmStat.Names, name => Assert.Contains(name, own));
    }

    [Fact]
    public void Widths_of_meminfo_are_those_of_the_real_one()
    {
        string[] real = Recording.Read("meminfo.txt").Split('\n');
        string[] own = Text("/proc/meminfo").Split('\n');
        Assert.Equal(real.Select(line => line.Length), own.Select(line => line.Length));
    }

    [Fact]
    public void Meminfo_agrees_with_the_counters()
    {
        Dictionary<string, long> memory = Fields(Text("/proc/meminfo"));
        VmStat stat = rig.Memory.Stat;
        Assert.Equal(rig.Memory.Allocator.ManagedPages * 4, memory["MemTotal"]);
        Assert.Equal(stat[VmEvent.NrFreePages] * 4, memory["MemFree"]);
        Assert.Equal(stat[VmEvent.NrFilePages] * 4, memory["Cached"]);
        Assert.Equal(50 * 4, memory["Shmem"]);
        Assert.Equal(stat[VmEvent.NrAnonPages] * 4, memory["AnonPages"]);
        Assert.Equal(task.Mm.RssAnon * 4, memory["AnonPages"]);
        Assert.Equal((task.Mm.RssFile + task.Mm.RssShmem) * 4, memory["Mapped"]);
        Assert.Equal(task.Mm.PageTablePages * 4, memory["PageTables"]);
        Assert.Equal(memory["Active"] + memory["Inactive"] + memory["Unevictable"],
            memory["AnonPages"] + memory["Cached"]);
        Assert.Equal(memory["Inactive"], memory["Inactive(anon)"] + memory["Inactive(file)"]);
        Assert.InRange(memory["MemAvailable"], 1, memory["MemFree"] + memory["Inactive(file)"]);
    }

    [Fact]
    public void An_address_space_that_two_processes_share_is_promised_once()
    {
        long before = Fields(Text("/proc/meminfo"))["Committed_AS"];
        TaskStruct other = rig.Fork(task, CloneFlags.Vm | CloneFlags.VFork);
        Assert.Equal(before, Fields(Text("/proc/meminfo"))["Committed_AS"]);
        Assert.Same(task.Mm, other.Mm);
        Assert.Equal(rig.Kernel.Overcommit.CommittedPages * 4, before);
        Assert.InRange(before, (100 + 50) * 4, 2000);
    }

    [Theory]
    [InlineData(80, 0UL, "80", "0")]
    [InlineData(80, 4096UL, "0", "4096")]
    public void The_commit_limit_is_that_of_the_settings(int ratio, ulong kbytes, string ratioText, string kbytesText)
    {
        using var strict = new KernelRig(vm: new VmSettings
        {
            OvercommitMemory = OvercommitMode.Never,
            OvercommitRatio = ratio,
            OvercommitKbytes = kbytes,
        });
        string Of(string path) => Recording.TextOf(strict.Kernel.Proc, path, null).TrimEnd();
        long expected = kbytes != 0 ? (long)kbytes : strict.Memory.Allocator.ManagedPages * ratio / 100 * 4;
        Assert.Equal(expected, Fields(Of("/proc/meminfo"))["CommitLimit"]);
        Assert.Equal("2", Of("/proc/sys/vm/overcommit_memory"));
        Assert.Equal(ratioText, Of("/proc/sys/vm/overcommit_ratio"));
        Assert.Equal(kbytesText, Of("/proc/sys/vm/overcommit_kbytes"));
    }

    [Fact]
    public void Zoneinfo_adds_up_to_meminfo()
    {
        string zones = Text("/proc/zoneinfo");
        Dictionary<string, long> memory = Fields(Text("/proc/meminfo"));
        Assert.Equal(memory["MemFree"], 4 * SumOf(zones, "pages free"));
        Assert.Equal(memory["MemTotal"], 4 * SumOf(zones, "managed"));
        Assert.Equal(memory["Inactive(anon)"], 4 * SumOf(zones, "nr_zone_inactive_anon"));
        Assert.Equal(memory["Inactive(file)"], 4 * SumOf(zones, "nr_zone_inactive_file"));
        Assert.Equal(rig.Memory.Stat[VmEvent.NrFreePagesBlocks], SumOf(zones, "nr_free_pages_blocks"));
    }

    [Fact]
    public void Pagetypeinfo_adds_up_to_buddyinfo()
    {
        string types = Text("/proc/pagetypeinfo");
        foreach (string line in Text("/proc/buddyinfo").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string zone = line.Split("zone", StringSplitOptions.TrimEntries)[1].Split(' ')[0];
            long[] free = Numbers(line.Split(zone, 2)[1]);
            long[] byType = new long[free.Length];
            foreach (string row in types.Split('\n').Where(row => row.Contains($"zone {zone,8}, type",
                StringComparison.Ordinal)))
            {
                long[] blocks = Numbers(row[46..]);
                for (int i = 0; i < blocks.Length; i++)
                    byType[i] += blocks[i];
            }

            Assert.Equal(free, byType);
        }
    }

    [Fact]
    public void Available_memory_follows_the_watermarks()
    {
        // What the recorded machine said of itself: si_mem_available, from the numbers beside it.
        Dictionary<string, long> real = Fields(Recording.Read("meminfo.txt"));
        string zones = Recording.Read("zoneinfo.txt");
        Assert.True(real["MemAvailable"] <= real["MemFree"] + real["Cached"] + real["SReclaimable"]);
        Assert.True(SumOf(zones, "low") > 0);
        long own = Fields(Text("/proc/meminfo"))["MemAvailable"];
        Assert.Equal(own, rig.Kernel.Proc.Context.Kb(
            MeminfoText.Available(rig.Kernel.Proc.Context, new VmstatValues(rig.Kernel.Proc.Context))));
    }

    private string Text(string path) => Recording.TextOf(rig.Kernel.Proc, path, task);

    // Numbers, signs of them, and how wide they are left aside; so are words that name the machine and the process.
    private static string FormOf(string text)
    {
        text = NotOurs().Replace(text, "");
        text = Spaces().Replace(Recording.Form(Unlimited().Replace(text, "0")), " ");
        return Cpu().Replace(text, "");
    }

    private static string[] Names(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0])];

    private static Dictionary<string, long> Fields(string text) => text
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .ToDictionary(line => line.Split(':')[0], line => Numbers(line.Split(':')[1])[0]);

    private static long[] Numbers(string text) => [.. text.Replace("kB", "", StringComparison.Ordinal)
        .Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(word => long.Parse(word, CultureInfo.InvariantCulture))];

    private static long SumOf(string text, string name) => text.Split('\n')
        .Select(line => line.Trim())
        .Where(line => line.StartsWith(name + " ", StringComparison.Ordinal))
        .Sum(line => Numbers(line[name.Length..])[0]);

    [GeneratedRegex(@"(?<=Name:\t|\()\w+|(?<=State:\t)\w.*|(?<=SpeculationI?[^:]*:\t).*|(?<=Speculation_[^:]*:\t).*"
        + @"|(?<=Cap...:\t|Sig...:\t|ShdPnd:\t|Cpus_allowed:\t|untag_mask:\t0x)[0-9a-f]+|(?<=\) )[A-Z]|\*")]
    private static partial Regex NotOurs();

    [GeneratedRegex("unlimited|-1")]
    private static partial Regex Unlimited();

    [GeneratedRegex("[ ]+")]
    private static partial Regex Spaces();

    [GeneratedRegex("(?<=Cpus_allowed_list:\t).*")]
    private static partial Regex Cpu();
}
