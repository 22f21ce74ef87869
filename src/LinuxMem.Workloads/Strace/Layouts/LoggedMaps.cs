using System.Text;
using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Planning;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Layouts;

/// <summary>
/// The layout of an image from the log itself: from the memory map that the program reads of itself early on.
/// </summary>
internal static class LoggedMaps
{
    private const int EventsAhead = 200;

    // A read of a map gives whole lines up to its room, or a page: one that leaves more than a line can fill is the
    // last one.
    private const int PageBytes = 4096;
    private const int LineBytes = 512;

    /// <summary>
    /// The mappings that execve made; null if the program reads no map before it maps much else. Undoes what the
    /// logged calls in between have changed: brk, mmap, mprotect.
    /// </summary>
    internal static List<ImageSegment>? Find(TaskScript script)
    {
        var mapped = new List<(ulong Start, ulong End)>();
        var guarded = new List<(ulong Start, ulong End)>();
        int fd = -1;
        bool isWhole = false;
        var text = new StringBuilder();
        for (int i = script.Next; i < script.Events.Count && i < script.Next + EventsAhead; i++)
        {
            StraceEvent call = script.Events[i];
            if (call.Kind != StraceEventKind.Call || !call.Result.IsSuccess)
                continue;
            switch ((SyscallNr)call.Nr)
            {
                case SyscallNr.Execve or SyscallNr.Execveat or SyscallNr.Munmap or SyscallNr.Mremap:
                    return null;
                case SyscallNr.Mmap:
                    mapped.Add(((ulong)call.Result.Value, (ulong)call.Result.Value + call[1].Number));
                    break;
                case SyscallNr.Mprotect:
                    guarded.Add((call[0].Number, call[0].Number + call[1].Number));
                    break;
                case SyscallNr.Openat when fd < 0 && call[1].AsString() == "/proc/self/maps":
                    fd = (int)call.Result.Value;
                    break;
                case SyscallNr.Read when (int)call[0].Number == fd && fd >= 0:
                    if (call[1].IsCut)
                        return null;
                    if (call[1].Bytes.Length == 0)
                        return Segments(text.ToString(), mapped, guarded);
                    text.Append(Encoding.UTF8.GetString(call[1].Bytes));
                    isWhole = call[1].Bytes.Length + LineBytes < (int)Math.Min(call[2].Number, PageBytes);
                    break;
                case SyscallNr.Close when (int)call[0].Number == fd && isWhole:
                    return Segments(text.ToString(), mapped, guarded);
                default:
                    break;
            }
        }

        return null;
    }

    private static List<ImageSegment> Segments(
        string text, List<(ulong Start, ulong End)> mapped, List<(ulong Start, ulong End)> guarded)
    {
        var segments = new List<ImageSegment>();
        foreach (string line in text.Split('\n'))
        {
            if (!MapsLine.TryParse(line, out ImageSegment segment) || segment.Name == "[heap]"
                || mapped.Exists(m => segment.Start < m.End && m.Start < segment.End))
                continue;
            // What mprotect made read-only was writable; it lies next to what still is, in the same file.
            if (guarded.Exists(g => segment.Start >= g.Start && segment.End <= g.End))
                segment = segment with { Prot = segment.Prot | ProtFlags.Read | ProtFlags.Write };
            bool joins = segments.Count > 0 && segments[^1].End == segment.Start && segments[^1].File == segment.File
                && segments[^1].Prot == segment.Prot && segment.File is not null
                && segments[^1].Offset + (segment.Start - segments[^1].Start) == segment.Offset;
            if (joins)
                segments[^1] = segments[^1] with { End = segment.End };
            else
                segments.Add(segment);
        }

        return segments;
    }
}
