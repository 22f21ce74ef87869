namespace LinuxMem.Audit.Oracle;

/// <summary>
/// The contents of a file or shared memory object, as far as stores through mappings have made them known.
/// </summary>
/// <param name="id">The object's number.</param>
/// <param name="isFile">Whether what was never stored is unknown (a file's) rather than zero.</param>
internal sealed class ObjectContents(int id, bool isFile)
{
    /// <summary>The object's number.</summary>
    public int Id { get; } = id;

    /// <summary>Whether what was never stored is unknown (a file's) rather than zero.</summary>
    public bool IsFile { get; set; } = isFile;

    /// <summary>Regions that map it, over all address spaces. Shared memory is gone with the last.</summary>
    public int Mappings { get; set; }

    /// <summary>The values stored, by unit from the object's start.</summary>
    public UnitMap Values { get; } = new();
}
