using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Exec;
using LinuxMem.Mm.Fault;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Swap;
using LinuxMem.Mm.Syscalls.Files;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>mincore(addr, length, vec): which pages an access would find in memory.</summary>
/// <remarks>Linux: mm/mincore.c: do_mincore, mincore_pte_range, can_do_mincore, v6.18.</remarks>
public sealed class Mincore
{
    private readonly FileServices services;
    private readonly UserStructs structs;
    private readonly PageMapper mapper;
    private readonly PagingGeometry geometry;

    /// <summary>With the machine's services.</summary>
    public Mincore(FileServices services, UserStructs structs, PageMapper mapper)
    {
        this.services = services;
        this.structs = structs;
        this.mapper = mapper;
        geometry = services.Memory.Geometry;
    }

    /// <summary>
    /// Writes a byte a page. EINVAL: an address that is no page's; ENOMEM: a hole, or a range beyond the user's part;
    /// EFAULT: the vector. What lies before a hole is written.
    /// </summary>
    public IEnumerator<PageLookup> Invoke(CallProgress call)
    {
        ulong start = call.Request.A0;
        ulong length = call.Request.A1;
        ulong vector = call.Request.A2;
        ulong pages = (length >> geometry.PageShift) + ((length & geometry.PageOffsetMask) != 0 ? 1UL : 0);
        Errno error = Check(call, start, length, vector, pages);
        call.Result = error == Errno.None ? default : SyscallResult.Fail(error);
        if (error != Errno.None)
            yield break;
        while (pages > 0)
        {
            Vma? vma = call.Mm.Vmas.Tree.FindContaining(start);
            if (vma is null)
            {
                call.Fail(Errno.ENOMEM);
                yield break;
            }

            ulong count = Math.Min(Math.Min(pages, geometry.PageBytes), (vma.End - start) >> geometry.PageShift);
            byte[] resident = new byte[count];
            for (var look = Fill(call, vma, start, resident); look.MoveNext();)
                yield return look.Current;
            for (var write = structs.Write(call, vector, resident); write.MoveNext();)
                yield return write.Current;
            if (call.Copied < count)
            {
                call.Fail(Errno.EFAULT);
                yield break;
            }

            pages -= count;
            vector += count;
            start += count << geometry.PageShift;
        }
    }

    private Errno Check(CallProgress call, ulong start, ulong length, ulong vector, ulong pages)
    {
        if ((start & geometry.PageOffsetMask) != 0)
            return Errno.EINVAL;
        if (!services.Users.IsUserRange(start, length))
            return Errno.ENOMEM;
        bool known = call.Operands is not { BuffersUnknown: true };
        return known && !services.Users.IsUserRange(vector, pages) ? Errno.EFAULT : Errno.None;
    }

    private IEnumerator<PageLookup> Fill(CallProgress call, Vma vma, ulong start, byte[] resident)
    {
        if (!MayTell(call, vma))
        {
            Array.Fill(resident, (byte)1);
            yield break;
        }

        int looked = 0;
        for (int i = 0; i < resident.Length; i++)
        {
            ulong va = start + ((ulong)i << geometry.PageShift);
            PteSlot slot = services.Memory.Tables.Find(call.Mm, va);
            ulong entry = slot.Exists ? services.Memory.Tables.Read(slot) : 0;
            if (mapper.IsMapped(entry))
            {
                resident[i] = 1;
                continue;
            }

            if (geometry.Format.IsSwap(entry))
            {
                // In memory all the same if the swap cache has it (mincore_swap).
                SwapEntry swap = SwapPte.EntryOf(geometry.Format, entry);
                yield return new PageLookup(services.Memory.Swap.Spaces[swap.Area], swap.Slot, 1);
                uint found = call.Pages[0];
                resident[i] = found != SwapFault.FreeSlot && IsUptodate(new Pfn(found)) ? (byte)1 : (byte)0;
                continue;
            }

            if (vma.Mapping is not { } mapping || vma.PageIndexOf(va) >= mapping.CacheEnd)
                continue;
            if (mapping.Host is { IsWarm: true })
            {
                resident[i] = 1;
                continue;
            }

            // A look-up serves the pages that follow it.
            if (looked <= i)
            {
                int count = Math.Min(PageLookup.CountMax, resident.Length - i);
                yield return new PageLookup(mapping, (uint)vma.PageIndexOf(va), count);
                for (int k = 0; k < count; k++)
                    resident[i + k] = IsUptodate(new Pfn(call.Pages[k])) ? (byte)1 : resident[i + k];
                looked = i + count;
            }
        }
    }

    private bool IsUptodate(Pfn page) =>
        !page.IsNone && (services.Memory.Map[page].Flags & PageFlags.Uptodate) != 0;

    // Others' files, and the kernel's own pages, all count as resident: nobody learns what others do with them.
    private static bool MayTell(CallProgress call, Vma vma)
    {
        if (vma.Name is { } name && SpecialMappings.IsSpecial(name))
            return false;
        return vma.Mapping is null || vma.Mapping.IsShmem || call.Task.Credentials.Euid == 0
            || vma.File is { CanWrite: true };
    }
}
