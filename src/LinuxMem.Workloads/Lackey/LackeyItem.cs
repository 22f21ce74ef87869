namespace LinuxMem.Workloads.Lackey;

/// <summary>What <see cref="LackeyParser.Read"/> found.</summary>
public enum LackeyItem
{
    /// <summary>The end of the log.</summary>
    End,

    /// <summary>
    /// One or more access lines, packed in the buffer; <see cref="LackeyParser.PackedCount"/> says how many entries.
    /// </summary>
    Accesses,

    /// <summary>One access whose address does not fit in a packed entry: <see cref="LackeyParser.Access"/>.</summary>
    WideAccess,

    /// <summary>A system call with its result as far as the log has one: <see cref="LackeyParser.Call"/>.</summary>
    Call,

    /// <summary>
    /// A line that is neither: valgrind's own words, the rest of a call, a blank line: <see
    /// cref="LackeyParser.NoteText"/>.
    /// </summary>
    Note,

    /// <summary>A line that no log has; counted, with its number and reason.</summary>
    Rejected,
}
