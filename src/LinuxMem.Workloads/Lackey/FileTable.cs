using System.Globalization;

namespace LinuxMem.Workloads.Lackey;

/// <summary>
/// Which file each descriptor of a logged process stands for, as far as its calls tell. fork copies it, execve thins
/// it.
/// </summary>
internal sealed class FileTable
{
    private const int Open = 2;
    private const int Close = 3;
    private const int Dup = 32;
    private const int Dup2 = 33;
    private const int Fcntl = 72;
    private const int Creat = 85;
    private const int OpenAt = 257;
    private const int Dup3 = 292;
    private const int MemfdCreate = 319;
    private const int CloseRange = 436;

    // fs.nr_open's default; it keeps a damaged log from filling memory.
    private const ulong FdsMax = 1 << 20;

    private const ulong CloseOnExec = 0x80000;
    private const ulong MemfdCloseOnExec = 1;
    private const ulong DuplicateFd = 0;
    private const ulong DuplicateFdCloseOnExec = 1030;
    private const ulong SetFdFlags = 2;

    private readonly SortedDictionary<int, Entry> entries = [];

    /// <summary>The path behind a descriptor, or words that say it is unknown.</summary>
    internal string PathOf(ulong fd) => entries.TryGetValue((int)fd, out var entry)
        ? entry.Path
        : "unknown fd " + ((int)fd).ToString(CultureInfo.InvariantCulture);

    /// <summary>The table of a forked child.</summary>
    internal FileTable Copy()
    {
        var copy = new FileTable();
        foreach (var (fd, entry) in entries)
            copy.entries.Add(fd, entry);
        return copy;
    }

    /// <summary>The table after execve.</summary>
    internal FileTable AfterExec()
    {
        var copy = new FileTable();
        foreach (var (fd, entry) in entries)
        {
            if (!entry.ClosesOnExec)
                copy.entries.Add(fd, entry);
        }

        return copy;
    }

    /// <summary>Takes note of a call that succeeded, if it changes descriptors.</summary>
    internal void Apply(LackeyCall call)
    {
        switch (call.Nr)
        {
            case Open:
                Set(call, call.Text(0), (call.Arg(1) & CloseOnExec) != 0);
                break;
            case Creat:
                Set(call, call.Text(0), false);
                break;
            case OpenAt:
                Set(call, Join(call.Arg(0), call.Text(1)), (call.Arg(2) & CloseOnExec) != 0);
                break;
            case MemfdCreate:
                Set(call, Memfd(call), (call.Arg(1) & MemfdCloseOnExec) != 0);
                break;
            case Close:
                entries.Remove((int)call.Arg(0));
                break;
            case CloseRange when call.Arg(2) == 0:
                CloseAll((uint)call.Arg(0), (uint)call.Arg(1));
                break;
            case Dup or Dup2:
                Duplicate(call, false);
                break;
            case Dup3:
                Duplicate(call, (call.Arg(2) & CloseOnExec) != 0);
                break;
            case Fcntl when call.Arg(1) is DuplicateFd or DuplicateFdCloseOnExec:
                Duplicate(call, call.Arg(1) == DuplicateFdCloseOnExec);
                break;
            case Fcntl when call.Arg(1) == SetFdFlags && entries.TryGetValue((int)call.Arg(0), out var entry):
                entries[(int)call.Arg(0)] = entry with { ClosesOnExec = (call.Arg(2) & 1) != 0 };
                break;
            default:
                break;
        }
    }

    private void Set(LackeyCall call, string? path, bool closesOnExec)
    {
        if (string.IsNullOrEmpty(path) || call.Result >= FdsMax)
            entries.Remove((int)call.Result);
        else
            entries[(int)call.Result] = new Entry(path, closesOnExec);
    }

    private void Duplicate(LackeyCall call, bool closesOnExec)
    {
        // dup2 of a descriptor onto itself keeps its flag.
        if (call.Arg(0) == call.Result || call.Result >= FdsMax)
            return;
        if (entries.TryGetValue((int)call.Arg(0), out var entry))
            entries[(int)call.Result] = entry with { ClosesOnExec = closesOnExec };
        else
            entries.Remove((int)call.Result);
    }

    private void CloseAll(uint first, uint last)
    {
        foreach (int fd in entries.Keys.ToArray())
        {
            if ((uint)fd >= first && (uint)fd <= last)
                entries.Remove(fd);
        }
    }

    private string? Join(ulong directory, string? path) =>
        path is null || path.StartsWith('/') || !entries.TryGetValue((int)directory, out var entry)
            ? path
            : entry.Path.TrimEnd('/') + "/" + path;

    /// <summary>
    /// A name for a memory file. Its maker and descriptor are in it, because two may have the same name.
    /// </summary>
    private static string Memfd(LackeyCall call) =>
        string.Create(CultureInfo.InvariantCulture, $"/memfd:{call.Text(0)} ({call.Pid}, fd {(int)call.Result})");

    private readonly record struct Entry(string Path, bool ClosesOnExec);
}
