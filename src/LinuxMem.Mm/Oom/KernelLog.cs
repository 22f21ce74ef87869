namespace LinuxMem.Mm.Oom;

/// <summary>What the kernel has printed since it was booted.</summary>
/// <remarks>Linux: kernel/printk/printk.c, v6.18; the buffer has no end here.</remarks>
public sealed class KernelLog
{
    private readonly List<(long AtNs, string Text)> lines = [];

    /// <summary>The lines, in order.</summary>
    public IReadOnlyList<(long AtNs, string Text)> Lines => lines;

    /// <summary>Prints a text: one line or, with line feeds between them, several.</summary>
    public void Print(long atNs, string text)
    {
        foreach (string line in text.Split('\n'))
            lines.Add((atNs, line));
    }
}
