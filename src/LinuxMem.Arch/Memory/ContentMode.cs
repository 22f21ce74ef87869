namespace LinuxMem.Arch.Memory;

/// <summary>How much of the contents of memory a run keeps.</summary>
public enum ContentMode
{
    /// <summary>None: accesses move no data. The fastest, and the content checks have nothing to check.</summary>
    None,

    /// <summary>A 64-bit tag per frame: the value last stored anywhere in it. For big machines.</summary>
    Tags,

    /// <summary>Every byte that was stored.</summary>
    Bytes,
}
