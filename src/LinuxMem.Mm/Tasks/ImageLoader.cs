using LinuxMem.Abi;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Exec;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Tasks;

/// <summary>
/// Maps a program that comes without an ELF file into an empty address space: by the sizes of its parts, or by a
/// layout that is known. Where places are random, stack and heap of the first kind are too.
/// </summary>
/// <remarks>
/// Linux: fs/binfmt_elf.c: load_elf_binary; fs/exec.c: setup_arg_pages, v6.18. By size: text and data of a file that is
/// named after the command, so that processes of one command share its text; bss, heap, stack.
/// </remarks>
public sealed class ImageLoader
{
    private const int InitialStackPages = 33;
    private readonly PagingGeometry geometry;
    private readonly SharedObjects sharedObjects;
    private readonly IMmObserver observer;
    private readonly SpecialMappings special;

    /// <summary>Over one machine's memory.</summary>
    public ImageLoader(PagingGeometry geometry, SharedObjects sharedObjects, IMmObserver observer)
    {
        this.geometry = geometry;
        this.sharedObjects = sharedObjects;
        this.observer = observer;
        special = new SpecialMappings(geometry, sharedObjects, observer);
    }

    /// <summary>
    /// Whether memory for a mapping was out while the last image was loaded: that mapping is missing.
    /// </summary>
    public bool HasFailed { get; private set; }

    /// <summary>
    /// Maps the image and returns where its segments are; see <see cref="HasFailed"/>. Precondition: the address space
    /// is empty.
    /// </summary>
    public ImageLayout Load(
        Mm mm, string comm, ImageSpec image, in AddressRandomness randomness, ref WorkCost cost)
    {
        HasFailed = false;
        if (image.Segments is { } segments)
            return LoadSegments(mm, image, segments, ref cost);
        ulong text = geometry.ImageBase;
        ulong textEnd = text + Pages(image.TextBytes);
        ulong dataEnd = textEnd + Pages(image.DataBytes);
        ulong bssEnd = dataEnd + Pages(image.BssBytes);
        AddressSpace file = sharedObjects.File("/bin/" + comm);
        const VmFlags textFlags = VmFlags.Read | VmFlags.Exec | VmFlagsOf.MayAll;
        Map(mm, text, textEnd, textFlags, file, 0, ref cost);
        Map(mm, textEnd, dataEnd, VmFlagsOf.Data, file, (textEnd - text) >> geometry.PageShift, ref cost);
        Map(mm, dataEnd, bssEnd, VmFlagsOf.Data, null, dataEnd >> geometry.PageShift, ref cost);
        mm.StartBrk = bssEnd + (randomness.MovesHeap ? randomness.HeapPages << geometry.PageShift : 0);
        mm.Brk = mm.StartBrk;
        if (image.HasStack)
        {
            ulong top = randomness.StackTop;
            ulong bottom = top - ((ulong)InitialStackPages << geometry.PageShift);
            MapStack(mm, bottom, top, ref cost);
        }

        mm.Bounds = new ImageBounds(text, textEnd, textEnd, dataEnd, StackPointer(mm));
        return new ImageLayout(text, textEnd, textEnd, dataEnd, dataEnd, bssEnd, mm.StartBrk, mm.StackTop);
    }

    private ImageLayout LoadSegments(
        Mm mm, ImageSpec image, IReadOnlyList<ImageSegment> segments, ref WorkCost cost)
    {
        mm.StartBrk = image.BrkStart;
        mm.Brk = image.BrkStart;
        if (image.MmapBase != 0)
            mm.MmapBase = image.MmapBase;
        ImageLayout layout = default;
        foreach (ImageSegment segment in segments)
        {
            // The gate page of vsyscall lies beyond user space and is no VMA.
            if (segment.Start >= geometry.TaskSize || segment.Start == segment.End)
                continue;
            MapSegment(mm, segment, ref cost);
            if (IsOfProgram(segment, segments))
                layout = Widen(layout, segment);
        }

        layout = layout with { BrkStart = image.BrkStart, StackTop = mm.StackTop };
        mm.Bounds = new ImageBounds(
            layout.TextStart, layout.TextEnd, layout.DataStart, layout.DataEnd, StackPointer(mm));
        return layout;
    }

    private void MapSegment(Mm mm, in ImageSegment segment, ref WorkCost cost)
    {
        ulong index = segment.Start >> geometry.PageShift;
        switch (segment.Name)
        {
            case "[stack]":
                MapStack(mm, segment.Start, segment.End, ref cost);
                break;
            case "[heap]":
                HasFailed |= mm.Vmas.MapBrk(segment.Start, segment.End, VmFlagsOf.Data, mm.StartBrk) is null;
                if (HasFailed)
                    break;
                mm.Brk = segment.End;
                cost.Vmas++;
                observer.Mapped(mm, segment.Start, segment.End, null, false, index);
                break;
            case { } name when SpecialMappings.IsSpecial(name):
                HasFailed |= !special.Map(mm, segment.Start, segment.End, name, ref cost);
                mm.Vdso = name == "[vdso]" ? segment.Start : mm.Vdso;
                break;
            default:
                AddressSpace? file = segment.File is { } path ? sharedObjects.File(path) : null;
                if (file is not null)
                    index = segment.Offset >> geometry.PageShift;
                VmFlags flags = VmFlagsOf.Image(segment.Prot);
                Map(mm, segment.Start, segment.End, flags, file, index, ref cost);
                break;
        }
    }

    // The program's own file is the lowest one; its loader and libraries lie above.
    private static bool IsOfProgram(in ImageSegment segment, IReadOnlyList<ImageSegment> segments) =>
        segment.File is not null && segment.File == segments[0].File;

    private static ImageLayout Widen(ImageLayout layout, in ImageSegment segment)
    {
        if ((segment.Prot & ProtFlags.Write) != 0)
        {
            return layout with
            {
                DataStart = layout.DataStart == 0 ? segment.Start : layout.DataStart,
                DataEnd = segment.End,
                BssStart = segment.End,
                BssEnd = segment.End,
            };
        }

        return (segment.Prot & ProtFlags.Exec) == 0 ? layout : layout with
        {
            TextStart = layout.TextStart == 0 ? segment.Start : layout.TextStart,
            TextEnd = segment.End,
        };
    }

    private void MapStack(Mm mm, ulong start, ulong end, ref WorkCost cost)
    {
        Map(mm, start, end, VmFlagsOf.Data | VmFlags.GrowsDown, null, start >> geometry.PageShift, ref cost);
        mm.StackTop = end;
    }

    // No argument was ever pushed: the topmost word.
    private static ulong StackPointer(Mm mm) => mm.StackTop == 0 ? 0 : mm.StackTop - 8;

    private void Map(Mm mm, ulong start, ulong end, VmFlags flags, AddressSpace? file, ulong index,
        ref WorkCost cost)
    {
        if (start == end)
            return;
        if (mm.Vmas.TryMap(start, end, flags, index, file, null) is null)
        {
            HasFailed = true;
            return;
        }

        cost.Vmas++;
        observer.Mapped(mm, start, end, file, false, index);
    }

    private ulong Pages(ulong bytes) => (bytes + geometry.PageOffsetMask) & ~geometry.PageOffsetMask;
}
