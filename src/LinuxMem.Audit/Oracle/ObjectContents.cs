namespace LinuxMem.Audit.Oracle;

/// <summary>
/// The contents of a file or shared memory object, as far as stores through mappings have made them known.
/// </summary>
/// <param name="id">The object's number.</param>
/// <param name="isFile">Whether what was never stored is unknown (a file's) rather than zero.</param>
internal sealed class ObjectContents(int id, bool isFile)
{
    private List<(ulong First, ulong End)>? holes;

    /// <summary>The object's number.</summary>
    public int Id { get; } = id;

    /// <summary>Whether what was never stored is unknown (a file's) rather than zero.</summary>
    public bool IsFile { get; set; } = isFile;

    /// <summary>Regions that map it, over all address spaces. Shared memory is gone with the last.</summary>
    public int Mappings { get; set; }

    /// <summary>The values stored, by unit from the object's start.</summary>
    public UnitMap Values { get; } = new();

    /// <summary>The value of a unit; false if it is not known.</summary>
    public bool TryGet(ulong unit, out ulong value) => Values.TryGet(unit, out value) || !IsFile || IsInHole(unit);

    /// <summary>The value of a unit is not known any more, nor what was never stored.</summary>
    public void Doubt(ulong unit)
    {
        IsFile = true;
        Values.RemoveRange(unit, unit + 1);
        ForgetHoles(unit, unit + 1);
    }

    /// <summary>A file's contents of [first, end), in units, are zeros from now on, until they are stored to.</summary>
    public void AddHole(ulong first, ulong end) => (holes ??= []).Add((first, end));

    /// <summary>A file's contents of [first, end) are not known any more.</summary>
    public void ForgetHoles(ulong first, ulong end)
    {
        if (holes is null)
            return;
        (ulong First, ulong End)[] before = [.. holes];
        holes.Clear();
        foreach ((ulong from, ulong to) in before)
        {
            if (from < Math.Min(to, first))
                holes.Add((from, Math.Min(to, first)));
            if (Math.Max(from, end) < to)
                holes.Add((Math.Max(from, end), to));
        }
    }

    private bool IsInHole(ulong unit)
    {
        if (holes is null)
            return false;
        foreach ((ulong first, ulong end) in holes)
        {
            if (unit >= first && unit < end)
                return true;
        }

        return false;
    }
}
