using LinuxMem.Abi;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Tasks;

/// <summary>
/// Maps a synthetic program into an empty address space: text and data of its file, bss, heap, stack.
/// </summary>
/// <remarks>
/// Linux: fs/binfmt_elf.c: load_elf_binary; fs/exec.c: setup_arg_pages, v6.18, without ELF: sizes come from the
/// program's <see cref="ImageSpec"/>, the file is named after the command, so that processes of one command share its
/// text.
/// </remarks>
public sealed class ImageLoader
{
    private const int InitialStackPages = 33;
    private readonly PagingGeometry geometry;
    private readonly SharedObjects sharedObjects;
    private readonly IMmObserver observer;

    /// <summary>Over one machine's memory.</summary>
    public ImageLoader(PagingGeometry geometry, SharedObjects sharedObjects, IMmObserver observer)
    {
        this.geometry = geometry;
        this.sharedObjects = sharedObjects;
        this.observer = observer;
    }

    /// <summary>Maps the image and returns where its segments are. Precondition: the address space is empty.</summary>
    public ImageLayout Load(Mm mm, string comm, ImageSpec image, ref WorkCost cost)
    {
        ulong text = geometry.ImageBase;
        ulong textEnd = text + Pages(image.TextBytes);
        ulong dataEnd = textEnd + Pages(image.DataBytes);
        ulong bssEnd = dataEnd + Pages(image.BssBytes);
        AddressSpace file = sharedObjects.File("/bin/" + comm);
        const VmFlags textFlags = VmFlags.Read | VmFlags.Exec | VmFlagsOf.MayAll;
        Map(mm, text, textEnd, textFlags, file, 0, null, ref cost);
        Map(mm, textEnd, dataEnd, VmFlagsOf.Data, file, (textEnd - text) >> geometry.PageShift, null, ref cost);
        Map(mm, dataEnd, bssEnd, VmFlagsOf.Data, null, dataEnd >> geometry.PageShift, null, ref cost);
        mm.StartBrk = bssEnd;
        mm.Brk = bssEnd;
        if (image.HasStack)
        {
            ulong top = geometry.MapWindowEnd;
            ulong bottom = top - ((ulong)InitialStackPages << geometry.PageShift);
            Map(mm, bottom, top, VmFlagsOf.Data | VmFlags.GrowsDown, null, bottom >> geometry.PageShift, "[stack]",
                ref cost);
            mm.StackTop = top;
        }

        return new ImageLayout(text, textEnd, textEnd, dataEnd, dataEnd, bssEnd, bssEnd, mm.StackTop);
    }

    private void Map(Mm mm, ulong start, ulong end, VmFlags flags, AddressSpace? file, ulong index, string? name,
        ref WorkCost cost)
    {
        if (start == end)
            return;
        mm.Vmas.Map(start, end, flags, index, file, name);
        cost.Vmas++;
        observer.Mapped(mm, start, end, file, false, index);
    }

    private ulong Pages(ulong bytes) => (bytes + geometry.PageOffsetMask) & ~geometry.PageOffsetMask;
}
