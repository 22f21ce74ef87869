namespace LinuxMem.Mm.Filemap;

/// <summary>
/// Counts the pages of a file that could not be written back, to verify I38: every open file hears once of what went
/// wrong since it was opened, and one opened later does if nobody has heard before it.
/// </summary>
/// <remarks>A plain model beside <see cref="ErrSeq"/>, which packs the same into one word.</remarks>
public struct WriteFailureCount
{
    private long happened;
    private long heardOf;

    /// <summary>What a file that is opened now counts as known.</summary>
    public readonly long KnownToNew => heardOf;

    /// <summary>One more.</summary>
    public void Add() => happened++;

    /// <summary>
    /// An open file, which knew so many, is told of an error or is not. Returns whether that is right; it knows all
    /// now.
    /// </summary>
    public bool AreTold(ref long known, bool isTold)
    {
        bool isRight = isTold == happened > known;
        known = happened;
        heardOf = isTold ? happened : heardOf;
        return isRight;
    }
}
