namespace LinuxMem.Simulation.Results;

/// <summary>A mapping of a process, as /proc/PID/smaps shows it.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">Address behind the last.</param>
/// <param name="Rights">Four letters: r, w, x or -, and p (private) or s (shared).</param>
/// <param name="Offset">Offset in the file, in bytes.</param>
/// <param name="Name">File, special name, or empty.</param>
/// <param name="RssKiB">Memory of it that is mapped.</param>
/// <param name="AnonymousKiB">Of that, pages of no file.</param>
public sealed record VmaResult(
    ulong Start, ulong End, string Rights, ulong Offset, string Name, long RssKiB, long AnonymousKiB);
