namespace LinuxMem.Mm.Syscalls.User;

/// <summary>Categories of pages that PAGEMAP_SCAN knows.</summary>
/// <remarks>Linux: include/uapi/linux/fs.h: PAGE_IS_*, v6.18. Soft-dirty is not built in.</remarks>
internal static class PageCategory
{
    internal const ulong WpAllowed = 1;
    internal const ulong Written = 2;
    internal const ulong File = 4;
    internal const ulong Present = 8;
    internal const ulong Swapped = 16;
    internal const ulong PfnZero = 32;
    internal const ulong Huge = 64;
    internal const ulong Guard = 256;
}
