using LinuxMem.Workloads.Strace;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Mmfuzz;

/// <summary>Guides for the programs that were made to be recorded: mmfuzz and mmfuzz2, known by their names.</summary>
internal sealed class MmfuzzGuides : IGuideSource
{
    /// <inheritdoc/>
    public IArgumentGuide? TryCreate(StraceEvent exec)
    {
        if (exec[0].AsString() is not { } path)
            return null;
        if (path[(path.LastIndexOf('/') + 1)..] == "mmfuzz2")
            return new TellingGuide();
        return MmfuzzCommand.Of(path, Strings(exec[1]), Strings(exec[2])) is { } command
            ? new MmfuzzGuide(new MmfuzzTask(command))
            : null;
    }

    private static List<string> Strings(StraceValue list)
    {
        var strings = new List<string>(list.Items.Count);
        foreach (StraceField item in list.Items)
            strings.Add(item.Value.AsString() ?? "");
        return strings;
    }
}
