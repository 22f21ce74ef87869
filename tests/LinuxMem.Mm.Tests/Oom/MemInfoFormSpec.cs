using System.Text.RegularExpressions;
using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;

namespace LinuxMem.Mm.Tests.Oom;

/// <summary>What the kernel prints of memory has the lines of a real kernel's, word for word.</summary>
/// <remarks>
/// mem-info.txt: dmesg without times of Linux 6.18.44 x86-64 (a virtual machine, 2 CPUs, 23 GiB), 2026-12-01: dup2 to
/// a high descriptor in a memory cgroup that has no room for the table, whose vmalloc fails (warn_alloc). That kernel
/// has no CONFIG_MEMORY_FAILURE and no swap.
/// </remarks>
public sealed partial class MemInfoFormSpec
{
    [Fact]
    public void Mem_info_has_the_lines_of_linux_in_their_order()
    {
        using var rig = new KernelRig(megabytes: 4, vm: KernelRig.PromisesAll);
        TaskStruct task = rig.Start(image: new ImageSpec());
        rig.Map(task, KernelRig.Arena, 2000);
        for (ulong i = 0; i < 2000 && rig.Kernel.Log.Lines.Count == 0; i++)
            rig.AccessWaiting(task, KernelRig.Arena + (i * rig.Page), AccessKind.Write);
        string[] ours = [.. rig.Kernel.Log.Lines.Select(line => line.Text)
            .SkipWhile(line => line != "Mem-Info:")
            .TakeWhile(line => !line.EndsWith("hwpoisoned", StringComparison.Ordinal))];
        string[] real = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Proc", "Recorded", "mem-info.txt"));
        Assert.Equal(FormsOf(real), FormsOf(ours));
    }

    // Machines differ in the zones they have, and in which blocks are free.
    private static string[] FormsOf(string[] lines) => [.. lines.Select(line => Number().Replace(
        Zone().Replace(Blocks().Replace(line, "BLOCKS"), "Node # ZONE"), "#").Replace("? yes", "? no",
            StringComparison.Ordinal)).Where(line => !line.StartsWith("lowmem_reserve", StringComparison.Ordinal))
        .Distinct()];

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Number();

    [GeneratedRegex(@"([0-9]+\*[0-9]+kB( \([UMEH]+\))? )+")]
    private static partial Regex Blocks();

    [GeneratedRegex("Node [0-9] (DMA32|DMA|Normal)")]
    private static partial Regex Zone();
}
