namespace LinuxMem.Workloads.Mmfuzz;

/// <summary>
/// The first eight bytes of a step's local buffer, as far as they are known: they find their way into a register when
/// the program calls brk. A value; a copy goes on by itself.
/// </summary>
internal struct MmfuzzLocals
{
    private const int Size = 8;
    private const ulong InPageMask = 4095;
    private ulong word;
    private ulong known;

    /// <summary>
    /// The word; null where too little of it is known to say whether it could be an address of a page.
    /// </summary>
    /// <remarks>
    /// What lies within a page is enough: with that, mremap refuses it as an address whatever the rest may be.
    /// </remarks>
    public readonly ulong? Word => known == ulong.MaxValue || (word & known & InPageMask) != 0 ? word & known : null;

    /// <summary>So many bytes become a value.</summary>
    public void Fill(int count, byte value)
    {
        for (int i = 0; i < Math.Min(count, Size); i++)
            Set(i, value);
    }

    /// <summary>So many bytes become those of a text; where the text is shorter, they are not known.</summary>
    public void Copy(ReadOnlySpan<byte> bytes, int count)
    {
        for (int i = 0; i < Math.Min(count, Size); i++)
        {
            if (i < bytes.Length)
                Set(i, bytes[i]);
            else
                known &= ~(0xffUL << (8 * i));
        }
    }

    /// <summary>So many bytes are not known any more.</summary>
    public void Forget(int count) => Copy([], count);

    private void Set(int index, byte value)
    {
        int shift = 8 * index;
        known |= 0xffUL << shift;
        word = (word & ~(0xffUL << shift)) | ((ulong)value << shift);
    }
}
