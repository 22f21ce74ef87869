using System.Globalization;
using System.Text;

namespace LinuxMem.Mm.Proc;

/// <summary>Numbers and names as the kernel prints them.</summary>
internal static class ProcFormat
{
    /// <summary>The culture of every number.</summary>
    public static CultureInfo Invariant => CultureInfo.InvariantCulture;

    /// <summary>Appends a label and a number of KiB, right-aligned in 8 columns (SEQ_PUT_DEC), and its unit.</summary>
    public static StringBuilder AppendKb(this StringBuilder text, string label, ulong bytes, int width = 8) =>
        text.Append(label).AppendPadded((long)(bytes >> 10), width).Append(" kB\n");

    /// <summary>The same with the KiB counted already.</summary>
    public static StringBuilder AppendKb(this StringBuilder text, string label, long kb) =>
        text.Append(label).AppendPadded(kb, 8).Append(" kB\n");

    /// <summary>Appends a number, right-aligned.</summary>
    public static StringBuilder AppendPadded(this StringBuilder text, long value, int width)
    {
        Span<char> digits = stackalloc char[20];
        value.TryFormat(digits, out int length, default, CultureInfo.InvariantCulture);
        return text.Append(' ', Math.Max(0, width - length)).Append(digits[..length]);
    }

    /// <summary>Appends a name with the characters escaped that would break the line.</summary>
    /// <remarks>Linux: fs/proc/array.c: proc_task_name, v6.18.</remarks>
    public static StringBuilder AppendName(this StringBuilder text, string name) => text.Append(
        name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal));
}
