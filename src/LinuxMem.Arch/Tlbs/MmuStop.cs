namespace LinuxMem.Arch.Tlbs;

/// <summary>Why an MMU stopped.</summary>
public enum MmuStop
{
    /// <summary>Every access of the batch is done.</summary>
    BatchDone,

    /// <summary>The next access would start at or after the deadline.</summary>
    Deadline,

    /// <summary>The access at the batch's position trapped and has not been done.</summary>
    Fault,
}
