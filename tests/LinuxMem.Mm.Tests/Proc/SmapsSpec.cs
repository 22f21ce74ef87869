using System.Globalization;
using System.Text;
using LinuxMem.Abi;
using LinuxMem.Mm.Proc.Process;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Tests.Proc;

/// <summary>The same mappings as Recorded/mappings.c makes, and what the real kernel said of them.</summary>
public sealed class SmapsSpec : IDisposable
{
    private const ulong A = 0x1000_0000;
    private const ProtFlags Rw = ProtFlags.Read | ProtFlags.Write;
    private const MapFlags Anon = MapFlags.Private | MapFlags.Anonymous;
    private readonly KernelRig rig = new();
    private readonly TaskStruct task;

    public SmapsSpec()
    {
        task = rig.Start(image: new ImageSpec());
        MapPlain();
        MapFlagged();
    }

    public void Dispose() => rig.Dispose();

    [Fact]
    public void Smaps_of_one_process_is_what_linux_says() =>
        Assert.Equal(Recorded("smaps"), Shown(task, "smaps"));

    [Fact]
    public void Numa_maps_of_one_process_is_what_linux_says() =>
        Assert.Equal(Recorded("numa_maps"), Shown(task, "numa_maps"));

    [Fact]
    public void Pagemap_of_one_process_is_what_linux_says() =>
        Assert.Equal(Recorded("pagemap"), Pagemap(task));

    [Fact]
    public void Pages_shared_with_two_children_count_for_a_third()
    {
        rig.Fork(task);
        rig.Fork(task);
        Assert.Equal(Recorded("smaps", "parent of two"), Shown(task, "smaps"));
        Assert.Equal(Recorded("numa_maps", "parent of two"), Shown(task, "numa_maps"));
    }

    [Fact]
    public void A_child_sees_its_own_share()
    {
        TaskStruct child = rig.Fork(task);
        rig.Fork(task);
        rig.Access(child, A, AccessKind.Write);
        Assert.Equal(Recorded("smaps", "child"), Shown(child, "smaps", "child"));
        Assert.Equal(Recorded("pagemap", "child"), Pagemap(child));
    }

    [Fact]
    public void A_mapping_advised_HUGEPAGE_is_eligible_where_one_fits_or_the_last_place_wraps_around()
    {
        const ulong huge = 2 << 20, far = 0x7000_0000;
        TaskStruct owner = rig.Start(image: new ImageSpec());
        (ulong, ulong)[] advised =
        [
            (0x20000, 0x1000), (far, huge), (far + (3 * huge) + 0x1000, (2 * huge) - 0x1000),
            (far + (8 * huge), 0x1000),
        ];
        foreach ((ulong at, ulong bytes) in advised)
        {
            rig.Map(owner, at, bytes / rig.Page);
            Assert.Equal(0, rig.Call(owner, SyscallNr.Madvise, at, bytes, 14).Value);
        }

        rig.Map(owner, far + (10 * huge), 512);
        string[] eligible = [.. Recording.TextOf(rig.Kernel.Proc, "/proc/self/smaps", owner).Split('\n')
            .Where(l => l.StartsWith("THPeligible", StringComparison.Ordinal)).Select(l => l[^1..]).Take(5)];
        Assert.Equal(["1", "1", "1", "0", "0"], eligible);
    }

    [Fact]
    public void Where_all_is_offered_to_be_merged_so_is_what_comes_and_what_children_have()
    {
        const ulong set = 67, get = 68, anonymous = 0x22, shared = 0x21;
        TaskStruct owner = rig.Start(image: new ImageSpec());
        rig.Map(owner, A, 1);
        Assert.Equal(0, rig.Call(owner, SyscallNr.Prctl, get).Value);
        Assert.Equal(Errno.EINVAL, rig.Call(owner, SyscallNr.Prctl, set, 1, 1).Errno);
        Assert.Equal(0, rig.Call(owner, SyscallNr.Prctl, set, 1).Value);
        ulong later = (ulong)rig.Call(owner, SyscallNr.Mmap, 0, 4096, 3, anonymous, ulong.MaxValue).Value;
        ulong other = (ulong)rig.Call(owner, SyscallNr.Mmap, 0, 4096, 3, shared, ulong.MaxValue).Value;
        TaskStruct child = rig.Fork(owner);
        Assert.Equal(1, rig.Call(child, SyscallNr.Prctl, get).Value);
        Assert.True(Merges(A) && Merges(later) && !Merges(other));
        Assert.Equal(0, rig.Call(owner, SyscallNr.Prctl, set, 0).Value);
        Assert.False(Merges(A) || Merges(later));

        bool Merges(ulong at) => (owner.Mm.Vmas.Tree.Find(at)!.Flags & VmFlags.Mergeable) != 0;
    }

    [Fact]
    public void A_sealed_mapping_is_shown_as_such()
    {
        Assert.Equal(0, rig.Call(task, SyscallNr.Mseal, A, rig.Page).Value);
        Assert.Contains("VmFlags: rd wr mr mw me ac sl \n", Shown(task, "smaps"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_rollup_is_the_sum_of_smaps()
    {
        rig.Fork(task);
        string rollup = Recording.TextOf(rig.Kernel.Proc, "/proc/self/smaps_rollup", task);
        string smaps = Recording.TextOf(rig.Kernel.Proc, "/proc/self/smaps", task);
        foreach (string field in (string[])["Rss", "Shared_Dirty", "Private_Dirty", "Anonymous", "Referenced"])
            Assert.Equal(Sum(smaps, field), Sum(rollup, field));
        Assert.Equal(task.Mm.Rss * 4, Sum(rollup, "Rss"));
        Assert.Equal(FieldsOf(Recording.Read("smaps_rollup.txt")), FieldsOf(rollup));
    }

    [Fact]
    public void Statm_and_status_agree_with_the_address_space()
    {
        string statm = Recording.TextOf(rig.Kernel.Proc, "/proc/self/statm", task);
        long[] fields = [.. statm.Split(' ').Select(f => long.Parse(f, CultureInfo.InvariantCulture))];
        string status = Recording.TextOf(rig.Kernel.Proc, "/proc/self/status", task);
        Assert.Equal(7, fields.Length);
        Assert.Equal((long)task.Mm.Vmas.TotalVmPages, fields[0]);
        Assert.Equal(fields[0] * 4, Sum(status, "VmSize"));
        Assert.Equal(task.Mm.Rss, fields[1]);
        Assert.Equal(fields[1] * 4, Sum(status, "VmRSS"));
        Assert.Equal(fields[2] * 4, Sum(status, "RssFile") + Sum(status, "RssShmem"));
        Assert.Equal(fields[5] * 4, Sum(status, "VmData") + Sum(status, "VmStk"));
    }

    // Names and widths, without the line of addresses.
    private static IEnumerable<(string, int)> FieldsOf(string text) => text.Split('\n').Skip(1)
        .Select(line => (line.Split(':')[0], line.Length));

    private void MapPlain()
    {
        rig.Map(task, A, 4, Rw);
        Touch(A, 2, AccessKind.Write);
        Touch(A + 0x2000, 1, AccessKind.Read);
        rig.Map(task, A + 0x10000, 2, ProtFlags.Read);
        rig.Map(task, A + 0x20000, 4, Rw, MapFlags.Shared | MapFlags.Anonymous);
        Touch(A + 0x20000, 1, AccessKind.Write);
        Touch(A + 0x21000, 1, AccessKind.Read);
        rig.Map(task, A + 0x30000, 3, ProtFlags.None, Anon | MapFlags.NoReserve);
        rig.Map(task, A + 0x40000, 2, Rw);
        Touch(A + 0x40000, 1, AccessKind.Write);
        rig.Call(task, SyscallNr.Mprotect, A + 0x40000, 0x2000, 0);
    }

    private void MapFlagged()
    {
        rig.Map(task, A + 0x50000, 3, Rw, Anon | MapFlags.Locked);
        Advise(A + 0x50000, Advice.Sequential);
        rig.Map(task, A + 0x60000, 3, Rw | ProtFlags.Exec, Anon | MapFlags.NoReserve);
        Touch(A + 0x60000, 3, AccessKind.Write);
        Advise(A + 0x61000, Advice.DontFork);
        Advise(A + 0x62000, Advice.Random);
        rig.Map(task, A + 0x70000, 2, Rw, Anon | MapFlags.GrowsDown);
        rig.Map(task, A + 0x80000, 2, Rw);
        Touch(A + 0x80000, 1, AccessKind.Write);
        Advise(A + 0x80000, Advice.WipeOnFork);
        Advise(A + 0x81000, Advice.DontDump);
    }

    private void Touch(ulong at, int pages, AccessKind kind)
    {
        for (int i = 0; i < pages; i++)
            Assert.True(rig.Access(task, at + ((ulong)i * 0x1000), kind));
    }

    private void Advise(ulong at, Advice advice) =>
        Assert.Equal(0, rig.Call(task, SyscallNr.Madvise, at, 0x1000, (ulong)advice).Value);

    private static string Recorded(string name, string? below = null) =>
        Judged(Recording.Section("mappings.txt", name, below), name, below);

    private string Shown(TaskStruct reader, string name, string? below = null) =>
        Judged(Recording.TextOf(rig.Kernel.Proc, "/proc/self/" + name, reader), name, below);

    // Left out is what a locked page has beyond its mapping: it is on no list of pages to evict (numa_maps), and was
    // marked as referenced when it was faulted in ahead (smaps of a child, whose entries are old).
    private static string Judged(string text, string name, string? below)
    {
        if (name == "pagemap")
            return text;
        bool lockedDiffers = name == "numa_maps" || below == "child";
        string shown = Recording.Between(text, A, A + 0x50000)
            + (lockedDiffers ? "" : Recording.Between(text, A + 0x50000, A + 0x53000))
            + Recording.Between(text, A + 0x53000, 0x2000_0000);
        return Recording.WithoutInodes(shown);
    }

    private string Pagemap(TaskStruct reader)
    {
        var text = new StringBuilder();
        for (ulong va = A; va < A + 0x90000; va += 0x1000)
        {
            ulong entry = PagemapFile.EntryOf(rig.Memory, reader.Mm, va) & ~((1UL << 55) - 1);
            if (entry != 0)
                text.Append(CultureInfo.InvariantCulture, $"{va:x} {entry:x}\n");
        }

        return text.ToString();
    }

    private static long Sum(string text, string field) => text.Split('\n')
        .Where(line => line.StartsWith(field + ":", StringComparison.Ordinal))
        .Sum(line => long.Parse(line[(field.Length + 1)..].Replace("kB", "", StringComparison.Ordinal),
            CultureInfo.InvariantCulture));
}
