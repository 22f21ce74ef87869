using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Exec;

/// <summary>The mappings that the kernel itself puts into a process: [vdso], [vvar], [vvar_vclock].</summary>
/// <remarks>
/// Linux: arch/x86/entry/vdso/vma.c: map_vdso; lib/vdso/datastore.c: vdso_install_vvar_mapping; mm/mmap.c:
/// _install_special_mapping, v6.18. /proc shows them as anonymous memory with a name.
/// </remarks>
public sealed class SpecialMappings
{
    /// <summary>Pages of [vvar].</summary>
    public const int VvarPages = 4;

    /// <summary>Pages of [vvar_vclock].</summary>
    public const int VclockPages = 2;

    /// <summary>Pages of [vdso] (vdso_image_64.size).</summary>
    public const int VdsoPages = 2;

    /// <summary>Pages of all three, which lie side by side.</summary>
    public const int AllPages = VvarPages + VclockPages + VdsoPages;

    private const VmFlags VvarFlags = VmFlags.Read | VmFlags.MayRead | VmFlags.Io | VmFlags.DontExpand
        | VmFlags.DontDump | VmFlags.PfnMap;

    private const VmFlags VdsoFlags = VmFlags.Read | VmFlags.Exec | VmFlagsOf.MayAll | VmFlags.DontExpand;
    private readonly PagingGeometry geometry;
    private readonly SharedObjects objects;
    private readonly IMmObserver observer;
    private AddressSpace? vdso;

    /// <summary>Of one machine.</summary>
    public SpecialMappings(PagingGeometry geometry, SharedObjects objects, IMmObserver observer)
    {
        this.geometry = geometry;
        this.objects = objects;
        this.observer = observer;
    }

    /// <summary>Whether /proc knows a special mapping of that name.</summary>
    public static bool IsSpecial(string? name) => name is "[vdso]" or "[vvar]" or "[vvar_vclock]";

    /// <summary>
    /// Maps all three, [vdso] highest. False if memory is out. Precondition: nothing is mapped there.
    /// </summary>
    public bool MapAll(Mm mm, ulong start, ref WorkCost cost)
    {
        ulong vclock = start + ((ulong)VvarPages << geometry.PageShift);
        ulong image = vclock + ((ulong)VclockPages << geometry.PageShift);
        if (!Map(mm, start, vclock, "[vvar]", ref cost) || !Map(mm, vclock, image, "[vvar_vclock]", ref cost)
            || !Map(mm, image, image + ((ulong)VdsoPages << geometry.PageShift), "[vdso]", ref cost))
            return false;
        mm.Vdso = image;
        return true;
    }

    /// <summary>
    /// Maps one of them. False if memory is out. Preconditions: the name is that of a special mapping; nothing is
    /// mapped there.
    /// </summary>
    public bool Map(Mm mm, ulong start, ulong end, string name, ref WorkCost cost)
    {
        bool isCode = name == "[vdso]";
        if (mm.Vmas.TryMap(start, end, isCode ? VdsoFlags : VvarFlags, 0, null, name) is not { } vma)
            return false;
        vma.Special = isCode ? vdso ??= objects.CreateHidden("[vdso]") : null;
        cost.Vmas++;
        observer.Mapped(mm, start, end, vma.Special, false, 0);
        return true;
    }
}
