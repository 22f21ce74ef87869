using LinuxMem.Mm.Proc.Files;

namespace LinuxMem.Mm.Proc;

/// <summary>What a path in /proc or /sys leads to.</summary>
public enum ProcNodeKind
{
    /// <summary>A file.</summary>
    File,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A symbolic link.</summary>
    Link,
}

/// <summary>A file, directory or link of /proc or /sys.</summary>
public sealed record ProcNode
{
    /// <summary>What it is.</summary>
    public required ProcNodeKind Kind { get; init; }

    /// <summary>Of a file: opens it. Every opening reads by itself.</summary>
    public Func<ProcFile>? Open { get; init; }

    /// <summary>Of a directory: the names in it but "." and "..", in order.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Of a link: where it leads to, as readlink gives it.</summary>
    public string Target { get; init; } = "";

    /// <summary>A file whose text is made when it is read.</summary>
    public static ProcNode OfText(SeqRecords records) =>
        new() { Kind = ProcNodeKind.File, Open = () => new SeqFile(records) };

    /// <summary>A directory.</summary>
    public static ProcNode OfNames(IEnumerable<string> names) =>
        new() { Kind = ProcNodeKind.Directory, Names = [.. names] };

    /// <summary>A link.</summary>
    public static ProcNode OfLink(string target) => new() { Kind = ProcNodeKind.Link, Target = target };
}
