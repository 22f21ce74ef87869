using LinuxMem.Arch.Addresses;

namespace LinuxMem.Mm.Filemap;

/// <summary>
/// A page that the kernel made and gives to the page cache, which holds one reference to it from then on; or one that
/// it
/// takes out.
/// </summary>
/// <param name="MappingId">The file or shared object.</param>
/// <param name="Index">Page index in it.</param>
/// <param name="Page">The frame; none takes the page of that index out.</param>
public readonly record struct PageInsert(int MappingId, uint Index, Pfn Page);
