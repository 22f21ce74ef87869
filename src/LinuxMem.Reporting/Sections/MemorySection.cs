using System.Globalization;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Reporting.Sections;

/// <summary>Memory at the end of the run, as free shows it.</summary>
internal static class MemorySection
{
    /// <summary>Writes the section, in KiB.</summary>
    /// <remarks>
    /// As procps 4 reckons: used is total less available; buff/cache contains shared. Available is what is free and the
    /// pages of files, without the kernel's allowance for watermarks, which a result does not carry.
    /// </remarks>
    public static void Write(TextWriter output, MemoryResult memory)
    {
        long available = memory.FreePages + memory.FilePages + memory.BufferPages;
        string Kib(long pages) => (pages * memory.PageBytes / 1024).ToString(CultureInfo.InvariantCulture);
        output.WriteLine($"Memory (KiB; {Units.Bytes(memory.TotalPages * memory.PageBytes)} in pages of "
            + $"{memory.PageBytes} bytes)");
        var table = new TextTable(
            TextColumn.Words(""), TextColumn.Number("total"), TextColumn.Number("used"), TextColumn.Number("free"),
            TextColumn.Number("shared"), TextColumn.Number("buff/cache"), TextColumn.Number("available"));
        table.Add(
            "Mem:", Kib(memory.TotalPages), Kib(memory.TotalPages - available), Kib(memory.FreePages),
            Kib(memory.ShmemPages), Kib(memory.FilePages + memory.ShmemPages + memory.BufferPages),
            Kib(available));
        table.Write(output);
        output.WriteLine($"Of it anonymous {Kib(memory.AnonPages)}, page tables {Kib(memory.PageTablePages)}, "
            + $"buffers {Kib(memory.BufferPages)}, cached {Kib(memory.FilePages + memory.ShmemPages)}");
    }
}
