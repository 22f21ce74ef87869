namespace LinuxMem.Mm.Block;

/// <summary>How an I/O ends.</summary>
/// <remarks>Linux: include/linux/blk_types.h: blk_status_t, v6.18.</remarks>
public enum IoStatus
{
    /// <summary>As it should (BLK_STS_OK).</summary>
    Ok,

    /// <summary>With an error (BLK_STS_IOERR).</summary>
    Error,

    /// <summary>A write that the device has not done, though it says so.</summary>
    Dropped,

    /// <summary>A write that the device has done somewhere else, and says is done.</summary>
    Misdirected,
}
