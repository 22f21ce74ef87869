namespace LinuxMem.Mm.Oom;

/// <summary>What the kernel has printed: the last <see cref="CharsMax"/> of it.</summary>
/// <remarks>Linux: kernel/printk/printk.c: log_buf_len, v6.18: the oldest records make room for the newest.</remarks>
public sealed class KernelLog
{
    /// <summary>Characters that the buffer holds (CONFIG_LOG_BUF_SHIFT of x86's defconfig: 18).</summary>
    public const int CharsMax = 1 << 18;

    private readonly Queue<(long AtNs, string Text)> records = [];
    private int chars;

    /// <summary>The lines that are still there, in order.</summary>
    public IReadOnlyList<(long AtNs, string Text)> Lines =>
        [.. records.SelectMany(record => record.Text.Split('\n').Select(line => (record.AtNs, line)))];

    /// <summary>Prints a text: one line or, with line feeds between them, several.</summary>
    public void Print(long atNs, string text)
    {
        records.Enqueue((atNs, text));
        chars += text.Length;
        while (chars > CharsMax && records.Count > 1)
            chars -= records.Dequeue().Text.Length;
    }
}
