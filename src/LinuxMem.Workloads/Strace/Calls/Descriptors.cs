using LinuxMem.Workloads.Strace.Checking;
using LinuxMem.Workloads.Strace.Names;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>What a descriptor of the log is to the simulated machine.</summary>
internal enum DescriptorKind
{
    /// <summary>A file that the machine knows all of: it was made in the log.</summary>
    Known,

    /// <summary>A file from outside, of which the log shows parts.</summary>
    Outside,

    /// <summary>
    /// A stand-in for something that cannot be mapped: a socket, a pipe, a terminal, a text of /proc.
    /// </summary>
    StandIn,
}

/// <summary>A descriptor of the log.</summary>
/// <param name="Kind">What it is to the machine.</param>
/// <param name="Path">What was opened.</param>
/// <param name="ClosesOnExec">Whether execve closes it.</param>
/// <param name="Text">The text of /proc that is read from it; null for another file. Copies share it, as they share
/// the open file.</param>
/// <param name="IsSized">Whether the log tells how long a file from outside is: then what is read of it can be
/// foreseen.</param>
internal readonly record struct Descriptor(
    DescriptorKind Kind, string Path, bool ClosesOnExec, ProcText? Text = null, bool IsSized = false)
{
    /// <summary>Whether the file was made in the log, so that the machine knows all of its names.</summary>
    internal bool IsMade { get; init; }
}

/// <summary>The descriptors of a process, as the log shows them; the simulated kernel has its own table.</summary>
internal sealed class Descriptors
{
    private readonly Dictionary<int, Descriptor> table;

    internal Descriptors()
    {
        table = [];
    }

    private Descriptors(Dictionary<int, Descriptor> table)
    {
        this.table = table;
    }

    /// <summary>The descriptors that the log shows being made, in no order.</summary>
    internal IEnumerable<int> Open => table.Keys;

    internal void Add(int fd, in Descriptor descriptor) => table[fd] = descriptor;

    /// <summary>The machine has something else than the log behind a descriptor.</summary>
    internal void StandInFor(int fd)
    {
        if (table.TryGetValue(fd, out Descriptor descriptor))
            table[fd] = descriptor with { Kind = DescriptorKind.StandIn, IsSized = false };
    }

    internal void Remove(int fd) => table.Remove(fd);

    internal bool TryFind(int fd, out Descriptor descriptor) => table.TryGetValue(fd, out descriptor);

    /// <summary>A directory has another name.</summary>
    internal void Rename(string from, string to)
    {
        foreach ((int fd, Descriptor descriptor) in table.OrderBy(static entry => entry.Key).ToList())
        {
            string path = LoggedNames.Moved(descriptor.Path, from, to);
            if (path != descriptor.Path)
                table[fd] = descriptor with { Path = path };
        }
    }

    /// <summary>A copy, for fork.</summary>
    internal Descriptors Copy() => new(new Dictionary<int, Descriptor>(table));

    /// <summary>What is left after execve.</summary>
    internal Descriptors AfterExec()
    {
        Descriptors kept = Copy();
        foreach ((int fd, Descriptor descriptor) in table)
        {
            if (descriptor.ClosesOnExec)
                kept.Remove(fd);
        }

        return kept;
    }
}
