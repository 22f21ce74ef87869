using System.Globalization;
using System.Text;

namespace LinuxMem.Mm.Vmas;

/// <summary>Where /proc/PID/maps finds the heap and the stack of an address space.</summary>
/// <param name="StartBrk">Where the heap begins.</param>
/// <param name="Brk">The break.</param>
/// <param name="StartStack">An address in the initial stack: the stack pointer at exec.</param>
public readonly record struct MapsLabels(ulong StartBrk, ulong Brk, ulong StartStack);

/// <summary>The lines of /proc/PID/maps.</summary>
/// <remarks>
/// Linux: fs/proc/task_mmu.c: show_map_vma, v6.18. A simulated object's inode is its <see
/// cref="Filemap.AddressSpace.Id"/>; files are on device fe:00 (a virtio disk), shared memory on 00:01, as on the
/// machine that made the reference logs.
/// </remarks>
public static class MapsText
{
    // show_map_vma pads to 25 + 6 * sizeof(void *) - 1 and adds a blank, so a name starts in column 73, from 0.
    internal const int NameColumn = 73;

    /// <summary>Appends the lines of all VMAs, each with its line feed.</summary>
    public static void Append(StringBuilder text, VmaTree vmas, in MapsLabels labels)
    {
        for (Vma? vma = vmas.First; vma is not null; vma = vma.Next)
            AppendLine(text, vma, vmas.PageShift, labels);
    }

    /// <summary>Appends the line of one VMA, with its line feed.</summary>
    public static void AppendLine(StringBuilder text, Vma vma, int pageShift, in MapsLabels labels)
    {
        int lineStart = text.Length;
        ulong offset = vma.Mapping is null ? 0 : vma.PgOff << pageShift;
        string device = vma.Mapping is null ? "00:00" : vma.Mapping.IsShmem ? "00:01" : "fe:00";
        text.Append(CultureInfo.InvariantCulture, $"{vma.Start:x8}-{vma.End:x8} ");
        text.Append((vma.Flags & VmFlags.Read) != 0 ? 'r' : '-');
        text.Append((vma.Flags & VmFlags.Write) != 0 ? 'w' : '-');
        text.Append((vma.Flags & VmFlags.Exec) != 0 ? 'x' : '-');
        text.Append((vma.Flags & VmFlags.MayShare) != 0 ? 's' : 'p');
        text.Append(CultureInfo.InvariantCulture, $" {offset:x8} {device} {vma.Mapping?.Id ?? 0} ");
        if (NameOf(vma, labels) is { } name)
        {
            // A long inode number can pass the column; the blank after it is there all the same.
            text.Append(' ', Math.Max(1, NameColumn - (text.Length - lineStart)));
            text.Append(name.Replace("\n", "\\012", StringComparison.Ordinal));
        }
        text.Append('\n');
    }

    /// <summary>The four letters for what a VMA allows, and whether it is shared or private.</summary>
    public static string Rights(VmFlags flags) => string.Create(4, flags, static (text, f) =>
    {
        text[0] = (f & VmFlags.Read) != 0 ? 'r' : '-';
        text[1] = (f & VmFlags.Write) != 0 ? 'w' : '-';
        text[2] = (f & VmFlags.Exec) != 0 ? 'x' : '-';
        text[3] = (f & VmFlags.MayShare) != 0 ? 's' : 'p';
    });

    /// <summary>What the line of a VMA is called, or null: the object, a special name, the heap or the stack.</summary>
    public static string? NameOf(Vma vma, in MapsLabels labels)
    {
        if (vma.Mapping is { } mapping)
            return mapping.Name;
        if (vma.Name is { } name)
            return name;
        if (vma.Start < labels.Brk && vma.End > labels.StartBrk)
            return "[heap]";
        return vma.Start <= labels.StartStack && vma.End >= labels.StartStack ? "[stack]" : null;
    }
}
