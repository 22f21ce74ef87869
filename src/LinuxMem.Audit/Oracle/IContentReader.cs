namespace LinuxMem.Audit.Oracle;

/// <summary>Finds what the machine holds, wherever it has put it: in frames, in swap, on disks.</summary>
public interface IContentReader
{
    /// <summary>The value of a unit of an address space. False if nobody promises any.</summary>
    bool TryRead(int mmId, ulong va, out ulong value);

    /// <summary>The value of a unit of an object, by a byte offset from its start. False if nobody promises any.
    /// </summary>
    bool TryReadObject(int objectId, ulong offset, out ulong value);
}
