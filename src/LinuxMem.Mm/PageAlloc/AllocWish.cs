using LinuxMem.Mm.MemMaps;

namespace LinuxMem.Mm.PageAlloc;

/// <summary>What somebody asked the page allocator for.</summary>
/// <param name="Place">What the frames were for.</param>
/// <param name="Gfp">What it might do.</param>
/// <param name="Order">Size of the block.</param>
public readonly record struct AllocWish(FramePlace Place, GfpFlags Gfp, int Order)
{
    private const uint KswapdReclaim = 0x800;
    private const uint KernelBits = 0x40 | 0x80; // __GFP_IO, __GFP_FS

    /// <summary>What it stands for in a message: the mask as Linux has it, and the names of its flags.</summary>
    /// <remarks>
    /// Linux: include/linux/gfp_types.h; arch/x86/include/asm/pgalloc.h: page tables are zeroed and charged; anonymous
    /// memory is wanted zeroed (vma_alloc_zeroed_movable_folio), the page cache is not; a block is what its driver
    /// says.
    /// </remarks>
    public string GfpText => Place switch
    {
        FramePlace.PageTable => "0x440dc0(GFP_KERNEL_ACCOUNT|__GFP_COMP|__GFP_ZERO)",
        FramePlace.Anon => "0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO)",
        FramePlace.Kernel => BlockText,
        _ => "0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP)",
    };

    private string BlockText
    {
        get
        {
            bool waits = (Gfp & GfpFlags.DirectReclaim) != 0;
            uint mask = (uint)Gfp | KswapdReclaim | (waits ? KernelBits : 0);
            string names = waits ? "GFP_KERNEL" : "GFP_ATOMIC";
            return $"0x{mask:x}({names}{((Gfp & GfpFlags.NoFail) != 0 ? "|__GFP_NOFAIL" : "")})";
        }
    }
}
