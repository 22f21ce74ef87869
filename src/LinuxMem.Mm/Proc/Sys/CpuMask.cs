using System.Globalization;
using System.Text;

namespace LinuxMem.Mm.Proc.Sys;

/// <summary>Sets of CPUs and nodes as the kernel prints them; CPUs are 0 to n-1, the only node is 0.</summary>
/// <remarks>Linux: lib/vsprintf.c: bitmap_string, bitmap_list_string, v6.18.</remarks>
public static class CpuMask
{
    // CONFIG_NODES_SHIFT=10: 1024 bits, 31 words of zeros before the one that holds node 0.
    private const int NodeWordsBelow = 31;

    /// <summary>The set of node 0 alone, as a mask of 1024 bits.</summary>
    public static string NodeZero { get; } =
        string.Concat(Enumerable.Repeat("00000000,", NodeWordsBelow)) + "00000001";

    /// <summary>The set of all CPUs as a list: "0-3", or "0" of one.</summary>
    public static string List(int cpus) =>
        cpus == 1 ? "0" : string.Create(CultureInfo.InvariantCulture, $"0-{cpus - 1}");

    /// <summary>The set of all CPUs as a mask: words of 32 bits with commas between them, the highest first.</summary>
    public static string Hex(int cpus)
    {
        var text = new StringBuilder();
        int rest = cpus % 32;
        uint top = rest == 0 ? uint.MaxValue : (1u << rest) - 1;
        text.Append(top.ToString("x", CultureInfo.InvariantCulture));
        for (int word = 1; word < (cpus + 31) / 32; word++)
            text.Append(",ffffffff");
        return text.ToString();
    }
}
