namespace LinuxMem.Abi;

/// <summary>What a memory access wants.</summary>
public enum AccessKind : byte
{
    /// <summary>A load.</summary>
    Read = 0,
    /// <summary>A store, or a load and store of the same bytes by one instruction.</summary>
    Write = 1,
    /// <summary>An instruction fetch.</summary>
    Execute = 2,
}
