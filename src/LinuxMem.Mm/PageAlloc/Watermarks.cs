namespace LinuxMem.Mm.PageAlloc;

/// <summary>Free pages that a zone tries to keep. MinPages &lt;= LowPages &lt;= HighPages.</summary>
/// <remarks>Linux: include/linux/mmzone.h: enum zone_watermarks, v6.18. Watermark boost is not modelled.</remarks>
/// <param name="MinPages">Ordinary allocations fail when they would leave no more than this.</param>
/// <param name="LowPages">Below it background reclaim starts.</param>
/// <param name="HighPages">Up to it background reclaim goes on.</param>
/// <param name="PromoPages">Up to it memory tiering promotes; shown in /proc/zoneinfo.</param>
public readonly record struct Watermarks(long MinPages, long LowPages, long HighPages, long PromoPages);
